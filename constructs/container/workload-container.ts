import { createHash } from "node:crypto";
import { Container, type ContainerConfig } from "@cdktf/provider-docker/lib/container";
import { DefaultTokenResolver, StringConcat, Token, Tokenization } from "cdktf";
import type { Construct } from "constructs";
import type { MergedContributions } from "./contributions";
import { FINGERPRINT_LABEL } from "../../contract/names-on-hosts";
import { KEPT_WHEN_REMOVED, NEVER_APPLIED } from "../../contract/provider-traps";
import { merge } from "../values/merge";
import { literal } from "../../contract/text";
import { isCarried } from "../values/text-limits";
import { waitingFor } from "../lab/waiting";

/** What cdktf renders a resource to: attributes by type and name. */
interface RenderedResource {
  readonly resource: Record<string, Record<string, Record<string, unknown>>>;
}

/** Attributes of a resource, by their names in Terraform. */
type Attributes = Record<string, unknown>;

/**
 * A container whose declared state always reaches the running one: what the provider would not carry out, and whether
 * what it keeps is configured, goes into a fingerprint, and another one replaces the container.
 */
export class WorkloadContainer extends Container {
  private attributes: Readonly<Attributes> | undefined;
  private ofStack: unknown;

  /** Defines the container; what its parts contribute is read when it is rendered. */
  public constructor(
    scope: Construct,
    id: string,
    config: ContainerConfig,
    private readonly merged: () => MergedContributions,
  ) {
    super(scope, id, config);
  }

  /** Renders the resource, with everything that was contributed until now and the fingerprint of it. */
  public override toTerraform(): RenderedResource {
    const merged = this.merged();
    this.dependsOn = waitingFor(this, merged.dependsOn);
    if (merged.environment.length > 0) this.env = merged.environment.map(literal);
    if (merged.labels.length > 0) {
      this.putLabels(merged.labels.map(([label, value]) => ({ label: literal(label), value: literal(value) })));
    }
    if (merged.mounts.length > 0) {
      this.putMounts(
        merged.mounts.map((mount) => ({ ...mount, source: literal(mount.source), target: literal(mount.target) })),
      );
    }
    if (merged.tmpfs.length > 0)
      this.tmpfs = Object.fromEntries(merged.tmpfs.map(([path, options]) => [literal(path), options]));
    if (merged.networks.length > 0)
      this.putNetworksAdvanced(
        merged.networks.map(({ name, aliases }) => (aliases.length > 0 ? { name, aliases: [...aliases] } : { name })),
      );
    if (merged.ports.length > 0) this.putPorts(merged.ports.map(({ from: _from, guard: _guard, ...port }) => port));
    if (merged.uploads.length > 0) {
      this.putUpload(
        merged.uploads.map(({ file, content, permissions }) => ({
          file: literal(file),
          // What Terraform would change goes as bytes, where a plan can't show it.
          ...(isCarried(content) ? { content: literal(content) } : { contentBase64: base64(content) }),
          permissions,
        })),
      );
    }
    if (merged.replacedWith.length > 0)
      this.lifecycle = { ...this.lifecycle, replaceTriggeredBy: [...merged.replacedWith] };

    const rendered = super.toTerraform() as RenderedResource;
    const attributes = rendered.resource[this.terraformResourceType]?.[this.friendlyUniqueId];
    if (!attributes) throw new Error(`${this.node.path} was not rendered under its address`);
    merge(attributes, this.ofStack);
    attributes.labels = [
      ...(Array.isArray(attributes.labels) ? (attributes.labels as unknown[]) : []),
      { label: FINGERPRINT_LABEL, value: this.fingerprint(attributes, merged.restartOn) },
    ];
    this.attributes = attributes;
    return rendered;
  }

  /** Takes what `addOverride()` of the stack says of this container. */
  public overrideByStack(values: unknown): void {
    this.ofStack = values;
  }

  /** The attributes as they were rendered last, overrides included; none before the first time. */
  public get rendered(): Readonly<Attributes> | undefined {
    return this.attributes;
  }

  private fingerprint(attributes: Record<string, unknown>, restartOn: ReadonlyMap<string, string>): string {
    const state = {
      values: Object.fromEntries(NEVER_APPLIED.map((name) => [name, attributes[name] ?? null])),
      configured: KEPT_WHEN_REMOVED.filter((name) => attributes[name] !== undefined && attributes[name] !== null),
      restartOn: [...restartOn],
    };
    const text = JSON.stringify(state);
    const resolved =
      Token.isUnresolved(text) || text.includes("TfToken[") ? JSON.stringify(this.resolveTokens(state)) : text;
    return createHash("sha256").update(resolved).digest("hex").slice(0, 16);
  }

  private resolveTokens(value: unknown): unknown {
    return Tokenization.resolve(value, {
      scope: this,
      resolver: new DefaultTokenResolver(new StringConcat()),
      preparing: false,
    });
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
