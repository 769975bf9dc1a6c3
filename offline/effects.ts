import type { ValueMap } from "./values";

/** What is known of a resource when something is done to it. */
export interface EffectRequest {
  /** The configuration of its provider. */
  readonly provider: ValueMap;
  /** Its own configuration, write-only values included. */
  readonly config: ValueMap;
  /** The planned state; what is known later is unknown. */
  readonly planned: ValueMap;
}

/**
 * What really happens to resources of a type. The offline provider itself makes nothing; a test that has an engine or
 * a database hands in effects. An error that is thrown is an error of the provider.
 */
export interface Effects {
  /** Makes it, and tells what became known. */
  create(request: EffectRequest): Promise<ValueMap>;
  /** What is known of it now, or undefined when it is gone. */
  read(provider: ValueMap, state: ValueMap): Promise<ValueMap | undefined>;
  /** Changes it in place, and tells what became known. */
  update(request: EffectRequest & { readonly prior: ValueMap }): Promise<ValueMap>;
  /** Destroys it. */
  delete(provider: ValueMap, prior: ValueMap): Promise<void>;
}
