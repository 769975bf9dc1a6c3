import type { Manifest } from "../contract/manifest";
import { secretVariable } from "../contract/secret-names";
import { SopsStore } from "./sops-store";
import type { SecretStore, StoredSecret } from "./store";

/** The store that the lab was synthesized with. */
export function storeOf(manifest: Manifest): SecretStore {
  if (manifest.secretsFile !== undefined) return new SopsStore(manifest.secretsFile);
  return new EnvironmentStore(manifest);
}

/** Environment variables, as Terraform reads them. */
class EnvironmentStore implements SecretStore {
  public readonly label = "the environment";
  public readonly isWritable = false;

  public constructor(private readonly manifest: Manifest) {}

  public read(): Promise<Map<string, StoredSecret>> {
    const found = this.manifest.secrets.flatMap(({ name }) => {
      const value = process.env[`TF_VAR_${secretVariable(name)}`];
      return value === undefined ? [] : [[name, { value }] as const];
    });
    return Promise.resolve(new Map(found));
  }

  public explainFlaw(): string {
    return "";
  }

  public removal(name: string): string {
    return `take TF_VAR_${secretVariable(name)} out of what sets the environment`;
  }

  public change(): Promise<never> {
    throw new Error(
      "the lab takes its secrets from the environment, which this command can't write: put them into your own store, or use Secrets.fromSops()",
    );
  }
}
