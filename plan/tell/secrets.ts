import { MANIFEST } from "../differences";
import type { Finding } from "../findings";
import type { Change } from "../rules/rule";
import { OTHER_STORE, valueFindings } from "../rules/values";
import type { Teller } from "./teller";

/** Where secret values come from, and where they come to rest. */
export const tellSecret: Teller = ({ document, stack, path, before, after }, change) => {
  const { lists } = change;
  if (document === MANIFEST) return inManifest(path, before, after, change);
  if (stack === undefined) return undefined;
  const [block, name = "", attribute] = path;
  if (block === "output") {
    return after === undefined
      ? undefined
      : secret(
          "warning",
          "output",
          `output ${name}`,
          `stack ${stack} puts the value of output ${name} into its state, for all to read who read that`,
        );
  }
  if (block !== "variable") return undefined;
  if (attribute === undefined) {
    const isTold = lists.secrets.some(({ variable }) => variable === `TF_VAR_${name}`);
    return after !== undefined && isTold ? [] : undefined;
  }
  if (attribute !== "ephemeral" && attribute !== "sensitive") return undefined;
  return after === true
    ? secret("note", "variable", `variable ${name}`, `variable ${name} of stack ${stack} is ${attribute} now`)
    : secret(
        "danger",
        "variable",
        `variable ${name}`,
        `variable ${name} of stack ${stack} is no longer ${attribute}: its value is written into plans and states`,
      );
};

function inManifest(
  path: readonly string[],
  before: unknown,
  after: unknown,
  change: Change,
): readonly Finding[] | undefined {
  const listed = change.lists.secrets.map((one) => one.name);
  const [block, name = "", field] = path;
  const values = `${JSON.stringify(before ?? null)} → ${JSON.stringify(after ?? null)}`;
  switch (block) {
    case "secretStore":
    case "secretsFile":
      return valueFindings(change).some(({ kind }) => kind === OTHER_STORE)
        ? []
        : secret("danger", "store", "the store of secrets", `secrets come from another place, ${values}`);
    case "generationsFile":
    case "ledgerFile":
      return [
        {
          concern: "trust",
          severity: "warning",
          kind: block,
          subject: block === "ledgerFile" ? "the ledger" : "the generations",
          message: `${block === "ledgerFile" ? "the ledger is" : "the generations are"} kept in another file, ${values}`,
        },
      ];
    case "secrets":
      if (field === undefined) return after !== undefined && listed.includes(name) ? [] : undefined;
      if (field === "generation" && listed.includes(name)) return [];
      if (field === "persisted" && after !== undefined)
        return secret(
          "warning",
          "persisted",
          name,
          `secret ${name} rests in the state of ${path[3] ?? "a stack"}: ${JSON.stringify(after)}`,
        );
      return undefined;
    default:
      return undefined;
  }
}

function secret(severity: Finding["severity"], kind: string, subject: string, message: string): Finding[] {
  return [{ concern: "secrets", severity, kind: `secret-${kind}`, subject, message }];
}
