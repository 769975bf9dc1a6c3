import { TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { isContinuousIntegration } from "../lab/ci";
import { perLab, type Lab, type LabConcern } from "../lab/lab";
import type { SecretKind, SecretShape, SecretUseFacts } from "../../contract/secret-shapes";
import { tell } from "../../contract/news";
import { secretVariable } from "../../contract/secret-names";
import { quote } from "../../contract/text";

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

/** A secret in the hands of what uses it. */
export interface UsedSecret {
  /** The full name. */
  readonly name: string;
  /** The generation of the value. */
  readonly generation: number;
  /** What stands for the value in a plan: the generation, and the fingerprint of the value where there is one. */
  readonly version: string;
  /** A Terraform expression, without `${}`, for the ephemeral value. */
  readonly expression: string;
  /** A token for the value that rests in the state. */
  readonly value: string;
}

/** Which stacks of a lab need which secrets, how each is made, and where one rests in a state. */
export class SecretUses implements LabConcern {
  /** Those of the lab that a construct is in. */
  public static readonly of = perLab((lab) => new SecretUses(lab));

  private readonly uses = new Map<string, Use>();
  private readonly variables = new Map<string, string>();
  private readonly newGenerations = new Map<string, number>();

  private constructor(private readonly lab: Lab) {}

  /** Takes a secret into use; the stack of `scope` needs it as soon as its expression or its value is asked for. */
  public take(scope: IConstruct, name: string, options: SecretUse = {}): UsedSecret {
    this.lab.checkOpen(`secret ${quote(name)} is taken into use`);
    const { secrets: store, generations } = this.lab;
    const generation = this.generationOf(name);
    const fingerprint = generations.tryGetFingerprint(name);
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

  /** What nobody committed yet, where nobody is there to do so. */
  public findings(): readonly string[] {
    const { generations } = this.lab;
    if (generations.file === undefined || !isContinuousIntegration()) return [];
    return [...this.newGenerations].map(
      ([secret, generation]) =>
        `secret ${quote(secret)} is not in ${generations.label}, add the line ${quote(secret)}: ${generation}`,
    );
  }

  /** All secrets, and where their values come from. */
  public sections(): Readonly<Record<string, unknown>> {
    const { secrets, generations } = this.lab;
    return {
      secrets: this.facts,
      secretStore: secrets.kind,
      secretsFile: secrets.file,
      generationsFile: generations.file,
    };
  }

  /** Gives new secrets their first generation, in the file too. */
  public save(isDryRun: boolean): void {
    const { generations } = this.lab;
    for (const [secret, generation] of this.newGenerations) generations.set(secret, generation);
    if (!isDryRun && generations.save())
      tell(`${generations.label} changed, commit it: added ${[...this.newGenerations.keys()].join(", ")}`);
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

  /** The generation of a secret, 1 for one that is new. */
  private generationOf(secret: string): number {
    const variable = secretVariable(secret);
    const other = this.variables.get(variable);
    if (other !== undefined && other !== secret) {
      throw new Error(
        `the secrets ${quote(other)} and ${quote(secret)} would share the variable ${quote(variable)}: rename one`,
      );
    }
    this.variables.set(variable, secret);
    const known = this.lab.generations.tryGet(secret);
    if (known !== undefined) return known;
    this.newGenerations.set(secret, 1);
    return 1;
  }
}
