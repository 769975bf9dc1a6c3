import type { Finding } from "../findings";
import type { ComparedLabs } from "../labs";
import type { Rule } from "./rule";

/** The kind of a finding that says that values come from another store. */
export const OTHER_STORE = "other-store";

/**
 * What becomes of the values themselves, of which only generations and fingerprints are known: two values of one
 * generation, which branches make that both rotate, an older one, and values that come from another store.
 */
export const valueFindings: Rule = ({ labs }) => [...otherStore(labs), ...otherValues(labs), ...notTheStores(labs)];

function otherStore({ base, head }: ComparedLabs): Finding[] {
  if (!base?.manifest || !head.manifest) return [];
  const [before, after] = [base.manifest, head.manifest].map(({ secretsFile = "the environment" }) => secretsFile);
  if (before === after || before === undefined || after === undefined) return [];
  return [
    {
      concern: "secrets",
      severity: "danger",
      kind: OTHER_STORE,
      subject: `from ${after} instead of ${before}`,
      message: `all secrets come from ${after} instead of ${before}: a value that is another one there is deployed only with a new generation, and who can read it is for that store to say`,
    },
  ];
}

function otherValues({ base, head }: ComparedLabs): Finding[] {
  const before = new Map((base?.manifest?.secrets ?? []).map((secret) => [secret.name, secret]));
  return (head.manifest?.secrets ?? []).flatMap(({ name, generation, fingerprint }): Finding[] => {
    const was = before.get(name);
    if (!was) return [];
    if (generation < was.generation) {
      return [
        value(
          name,
          `goes back from generation ${was.generation} to ${generation}, a value that was replaced: restore the line in homelab.secrets.json, or give it a new value with "homelab secrets rotate ${name}"`,
        ),
      ];
    }
    if (generation > was.generation || fingerprint === was.fingerprint || was.fingerprint === undefined) return [];
    return [
      value(
        name,
        `has another value of the same generation ${generation}, as after a merge of two branches that both gave it one: see which of them opens what it is for, or give it a new value with "homelab secrets rotate ${name}"`,
      ),
    ];
  });
}

/** Where the code is of other values than the store has: a deployment refuses that as well. */
function notTheStores({ head: { manifest, stored } }: ComparedLabs): Finding[] {
  const { secretsFile = "the store", generationsFile = "the code" } = manifest ?? {};
  return (manifest?.secrets ?? []).flatMap(({ name, generation, fingerprint }): Finding[] => {
    const kept = stored?.get(name);
    if (kept?.generation !== undefined && kept.generation !== generation) {
      return [
        value(
          name,
          `has generation ${kept.generation} in ${secretsFile}, and ${generation} in the code: commit both files together`,
        ),
      ];
    }
    if (!kept || fingerprint === undefined || kept.fingerprint === fingerprint) return [];
    return [
      value(
        name,
        `has another value of generation ${generation} in ${secretsFile} than ${generationsFile} is of, as after a merge of two branches that both gave it one: take both files from one commit, or give it a new value with "homelab secrets rotate ${name}"`,
      ),
    ];
  });
}

function value(name: string, what: string): Finding {
  return {
    concern: "secrets",
    severity: "danger",
    kind: "other-value",
    subject: name,
    message: `secret "${name}" ${what}`,
  };
}
