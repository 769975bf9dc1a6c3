import { createHash } from "node:crypto";
import type { Effects } from "./effects";
import { fillBlock } from "./fill";
import { isOlderSdk } from "./older-sdk";
import { planChange } from "./planner";
import type { Call, Message } from "./protocol";
import type { Behavior, RecordedBlock, Recording } from "./recording";
import { schemaResponse } from "./schema-messages";
import { violatedConstraints } from "./constraints";
import type { Fixture } from "./fixtures";
import { canonical, decodeValue, encodeValue, isMap, same, type Value, type ValueMap } from "./values";

/** How a provider of recordings is run. */
export interface OfflineProviderOptions {
  /**
   * Whether it answers an apply, with made-up values. Only for a temporary copy with a state of its own.
   *
   * @default false
   */
  readonly apply?: boolean;
  /**
   * What data sources and ephemeral resources answer.
   *
   * @default - made-up values
   */
  readonly fixtures?: readonly Fixture[];
  /**
   * What really happens to resources, by type.
   *
   * @default - nothing
   */
  readonly effects?: Readonly<Record<string, Effects>>;
}

const ERROR = 1;
const NOTHING: Behavior = { replace: [], defaults: {} };

/** Answers Terraform's calls as the recorded provider plans, without any thing behind it. */
export class OfflineProvider {
  /** The configurations that were validated, by type: what an import may turn out to be. */
  private readonly configurations = new Map<string, Map<string, ValueMap>>();
  /** The configuration of the provider, for effects. */
  private own: ValueMap = {};

  public constructor(
    private readonly recording: Recording,
    private readonly options: OfflineProviderOptions = {},
  ) {}

  /** What it says of its resources. */
  public schema(): Message {
    return schemaResponse(this.recording);
  }

  /** The answer to a call. */
  public answer(call: Call, request: Message): Message | Promise<Message> {
    const effects = this.options.effects?.[String(request.type_name)];
    if (effects && call === "ReadResource") return this.readEffect(effects, request);
    if (effects && call === "ApplyResourceChange") return this.applyEffect(effects, request);
    switch (call) {
      case "ConfigureProvider": {
        const config = valueOf(request.config);
        this.own = isMap(config) ? config : {};
        return {};
      }
      case "GetProviderSchema":
        return this.schema();
      case "ValidateResourceConfig":
        return this.validate(request);
      case "ImportResourceState":
        return this.import(request);
      case "UpgradeResourceState":
        return { upgraded_state: { json: this.upgraded(request) } };
      case "ReadResource":
        return { new_state: request.current_state, private: request.private };
      case "PlanResourceChange":
        return this.plan(request);
      case "ApplyResourceChange":
        return this.apply(request);
      case "ReadDataSource":
        return { state: dynamic(this.filled(this.recording.dataSources, request)) };
      case "OpenEphemeralResource":
        return { result: dynamic(this.filled(this.recording.ephemeralResources, request)) };
      default:
        return {};
    }
  }

  /** The raw bytes of a state; what the schema does not know any more is left out. */
  private upgraded(request: Message): Buffer {
    const raw = bytesOf(request.raw_state, "json");
    const { attributes = {}, block_types: blocks = {} } = this.resource(request).block;
    const state = JSON.parse(raw.toString()) as Record<string, unknown>;
    const unknown = Object.keys(state).filter((key) => !(key in attributes) && !(key in blocks));
    if (unknown.length === 0) return raw;
    return Buffer.from(
      JSON.stringify(Object.fromEntries(Object.entries(state).filter(([key]) => !unknown.includes(key)))),
    );
  }

  private plan(request: Message): Message {
    const proposed = valueOf(request.proposed_new_state);
    if (!isMap(proposed)) return { planned_state: request.proposed_new_state, planned_private: request.prior_private };
    const config = valueOf(request.config);
    const { block } = this.resource(request);
    const behavior = this.recording.behavior[String(request.type_name)] ?? NOTHING;
    const { planned, requiresReplace } = planChange(
      block,
      behavior,
      valueOf(request.prior_state),
      proposed,
      isMap(config) ? config : {},
    );
    return {
      planned_state: dynamic(planned),
      requires_replace: requiresReplace.map((steps) => ({
        steps: steps.map((step) => (typeof step === "number" ? { element_key_int: step } : { attribute_name: step })),
      })),
      planned_private: request.prior_private,
      legacy_type_system: isOlderSdk(block, behavior),
    };
  }

  /** Remembers a configuration, and says what in it excludes each other. */
  private validate(request: Message): Message {
    const config = valueOf(request.config);
    if (!isMap(config)) return {};
    const type = String(request.type_name);
    const known = this.configurations.get(type) ?? new Map<string, ValueMap>();
    this.configurations.set(type, known.set(canonical(config), config));
    const violated = violatedConstraints(this.recording.behavior[type] ?? NOTHING, config);
    return {
      diagnostics: violated.map((detail) => ({
        severity: ERROR,
        summary: "Conflicting configuration arguments",
        detail,
      })),
    };
  }

  /** What is imported is what is configured: the resource that has the id as one of its values. */
  private import(request: Message): Message {
    const [type, id] = [String(request.type_name), String(request.id)];
    const config = [...(this.configurations.get(type)?.values() ?? [])].find((values) =>
      Object.values(values).includes(id),
    );
    if (!config) {
      const summary = "Nothing to import";
      return {
        diagnostics: [{ severity: ERROR, summary, detail: `No configured ${type} has a value ${JSON.stringify(id)}.` }],
      };
    }
    const { block } = this.resource(request);
    const { planned } = planChange(block, this.recording.behavior[type] ?? NOTHING, null, config, config);
    return {
      imported_resources: [
        { type_name: type, state: dynamic(fillBlock(block, planned, `${type} ${canonical(config)}`, false)) },
      ],
    };
  }

  private apply(request: Message): Message {
    if (!this.options.apply) {
      const summary = "Nothing is applied offline";
      const detail =
        "This Terraform is attached to recordings of providers. An apply would write made-up values into a state.";
      return { new_state: request.prior_state, diagnostics: [{ severity: ERROR, summary, detail }] };
    }
    const planned = valueOf(request.planned_state);
    const { block } = this.resource(request);
    if (!isMap(planned)) return { new_state: request.planned_state };
    const place = `${String(request.type_name)} ${createHash("sha256")
      .update(canonical(valueOf(request.config)))
      .digest("hex")}`;
    return {
      new_state: dynamic(fillBlock(block, planned, place, false)),
      private: request.planned_private,
      legacy_type_system: isOlderSdk(block, this.recording.behavior[String(request.type_name)] ?? NOTHING),
    };
  }

  private async readEffect(effects: Effects, request: Message): Promise<Message> {
    const state = valueOf(request.current_state);
    if (!isMap(state)) return { new_state: request.current_state, private: request.private };
    try {
      const found = await effects.read(this.own, state);
      return { new_state: dynamic(found ? { ...state, ...found } : null), private: request.private };
    } catch (error) {
      return { new_state: request.current_state, private: request.private, diagnostics: [failure(error)] };
    }
  }

  private async applyEffect(effects: Effects, request: Message): Promise<Message> {
    const [prior, planned, config] = [request.prior_state, request.planned_state, request.config].map(valueOf);
    try {
      if (!isMap(planned ?? null)) {
        if (isMap(prior ?? null)) await effects.delete(this.own, prior as ValueMap);
        return { new_state: request.planned_state };
      }
      const asked = { provider: this.own, config: config as ValueMap, planned: planned as ValueMap };
      const known = isMap(prior ?? null)
        ? await effects.update({ ...asked, prior: prior as ValueMap })
        : await effects.create(asked);
      return this.apply({ ...request, planned_state: dynamic({ ...asked.planned, ...known }) });
    } catch (error) {
      return { new_state: request.prior_state, private: request.planned_private, diagnostics: [failure(error)] };
    }
  }

  /** A configuration with what a fixture says, and made-up values in place of what only the provider would know. */
  private filled(schemas: Recording["dataSources"], request: Message): Value {
    const config = valueOf(request.config);
    const type = String(request.type_name);
    const schema = schemas[type];
    if (!schema || !isMap(config)) return config;
    const fixture = this.options.fixtures?.find(
      (known) =>
        known.type === type && Object.entries(known.where ?? {}).every(([name, value]) => same(config[name], value)),
    );
    return { ...fillBlock(schema.block, config, `${type} ${canonical(config)}`, true), ...fixture?.result };
  }

  private resource(request: Message): { readonly block: RecordedBlock } {
    const schema = this.recording.resources[String(request.type_name)];
    if (!schema) throw new Error(`the recording of ${this.recording.address} has no ${String(request.type_name)}`);
    return schema;
  }
}

function failure(error: unknown): Message {
  return { severity: ERROR, summary: error instanceof Error ? error.message : String(error) };
}

function dynamic(value: Value): Message {
  return { msgpack: Buffer.from(encodeValue(value)) };
}

function valueOf(message: unknown): Value {
  const msgpack = bytesOf(message, "msgpack");
  return msgpack.length > 0 ? decodeValue(msgpack) : null;
}

function bytesOf(message: unknown, field: string): Buffer {
  const value = typeof message === "object" && message !== null ? (message as Message)[field] : undefined;
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.alloc(0);
}
