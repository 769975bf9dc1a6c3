import { TerraformStack, TerraformVariable } from "cdktf";
import type { IConstruct } from "constructs";
import { persistedVariable, secretVariable } from "../../contract/secret-names";
import { quote } from "../../contract/text";

/** Where the values of secrets come from when a stack is planned or applied. */
export interface ISecrets {
  /** What the store is called in the manifest. */
  readonly kind: string;
  /**
   * The file that it is, for a store that is one.
   *
   * @default - it is no file
   */
  readonly file?: string;
  /**
   * A Terraform expression, without `${}`, for the value of a secret inside the stack of `scope`. The value is
   * ephemeral: Terraform keeps it in no state and no plan.
   */
  reference(scope: IConstruct, name: string): string;
  /**
   * The value as a token, for what can't take an ephemeral one. It rests in the state of that stack.
   */
  persistedValue(scope: IConstruct, name: string): string;
}

/** The stores that secrets come from. */
export class Secrets {
  /**
   * Each secret is an ephemeral Terraform variable, whose value is the environment variable `TF_VAR_` and the
   * secret's name with underscores: `TF_VAR_webservices_paperless_db_pass`.
   */
  public static fromEnvironment(): ISecrets {
    return ephemeralVariables("environment");
  }

  /**
   * A YAML file that SOPS encrypts, usually to age keys. `homelab run -- COMMAND` decrypts it in its own process and
   * hands the command the values that its stacks need, as the same ephemeral variables; `homelab secrets` fills it.
   * Values are nested by the dots of their names; the generation and a keyed fingerprint of each stand beside it in the
   * clear, under `generations_unencrypted` and `fingerprints_unencrypted`.
   *
   * @param file - path from the folder in which the commands run, for example `secrets/lab.sops.yaml`
   */
  public static fromSops(file: string): ISecrets {
    if (!/\.ya?ml$/.test(file))
      throw new Error(`Secrets.fromSops() needs a YAML file, for example "secrets/lab.sops.yaml", got ${quote(file)}`);
    return ephemeralVariables("sops", file);
  }

  private constructor() {}
}

function ephemeralVariables(kind: string, file?: string): ISecrets {
  return {
    kind,
    ...(file !== undefined && { file }),
    reference: (scope, name) => `var.${variable(scope, secretVariable(name), { ephemeral: true }).friendlyUniqueId}`,
    persistedValue: (scope, name) => variable(scope, persistedVariable(name), { ephemeral: false }).stringValue,
  };
}

function variable(scope: IConstruct, name: string, { ephemeral }: { readonly ephemeral: boolean }): TerraformVariable {
  const stack = TerraformStack.of(scope);
  const id = `Secret ${name}`;
  const known = stack.node.tryFindChild(id);
  if (known instanceof TerraformVariable) return known;
  const created = new TerraformVariable(stack, id, { type: "string", sensitive: true });
  created.overrideLogicalId(name);
  if (ephemeral) created.addOverride("ephemeral", true);
  return created;
}
