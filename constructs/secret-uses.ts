import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import type { SecretUseFacts } from "./manifest";
import type { SecretKind, SecretShape } from "./secret";
import type { ISecrets } from "./secrets";
import { quote } from "./text";
import type { UsedSecret } from "./workload-props";

/** How a secret is used. */
export interface SecretUse {
  /**
   * How its value is made.
   *
   * @default - somebody chooses it
   */
  readonly shape?: SecretShape;
  /**
   * Why the value rests in a state.
   *
   * @default - it does not
   */
  readonly persisted?: string;
  /**
   * What the value must be fit for.
   *
   * @default - any program that reads it from a file
   */
  readonly as?: SecretKind;
}

interface Use {
  readonly generation: number;
  readonly fingerprint: string | undefined;
  readonly stacks: Set<string>;
  readonly persisted: Map<string, string>;
  shape: SecretShape | undefined;
  as: SecretKind | undefined;
}

/** Which stacks of a lab need which secrets, how each is made, and where one rests in a state. */
export class SecretUses {
  private readonly uses = new Map<string, Use>();

  /** Takes a secret into use; the stack of `scope` needs it as soon as its expression or its value is asked for. */
  public take(
    scope: IConstruct,
    secret: {
      readonly name: string;
      readonly generation: number;
      readonly fingerprint: string | undefined;
      readonly store: ISecrets;
    },
    options: SecretUse,
  ): UsedSecret {
    const { name, generation, fingerprint, store } = secret;
    const unused: Use = {
      generation,
      fingerprint,
      stacks: new Set(),
      persisted: new Map(),
      shape: undefined,
      as: undefined,
    };
    const use = this.uses.get(name) ?? unused;
    this.uses.set(name, use);
    if (options.shape && use.shape && JSON.stringify(options.shape) !== JSON.stringify(use.shape)) {
      throw new Error(
        `secret ${quote(name)} is to be made in two ways, ${quote(use.shape)} and ${quote(options.shape)}: give one of them another name`,
      );
    }
    use.shape ??= options.shape;
    use.as ??= options.as;
    const stack = (): string => TerraformStack.of(scope).node.id;
    return {
      name,
      generation,
      version: fingerprint === undefined ? String(generation) : `${generation}-${fingerprint}`,
      get expression() {
        use.stacks.add(stack());
        return store.reference(scope, name);
      },
      get value() {
        use.stacks.add(stack());
        use.persisted.set(stack(), options.persisted ?? "");
        return store.persistedValue(scope, name);
      },
    };
  }

  /** All of it as plain data, by name. */
  public get facts(): SecretUseFacts[] {
    return [...this.uses]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { generation, fingerprint, stacks, persisted, shape, as }]) => ({
        name,
        generation,
        ...(fingerprint !== undefined && { fingerprint }),
        stacks: [...stacks].sort(),
        persisted: Object.fromEntries([...persisted].sort()),
        ...(shape && { shape }),
        ...(as && { as }),
      }));
  }
}
