import { secretVariable, withoutPersisted } from "../contract/secret-names";
import type { ComparedLabs, SynthesizedLab } from "./labs";
import type { SecretReport } from "./model";

/** Secrets whose values a deployer sets: variables that are new, and values that have another generation. */
export function reportSecrets({ base, head }: ComparedLabs): SecretReport[] {
  const before = variablesOf(base);
  const names = new Map(secretsOf(head).map(({ name }) => [secretVariable(name), name]));
  const generations = new Map(secretsOf(base).map(({ name, generation }) => [name, generation]));
  const renewed = new Set(
    secretsOf(head)
      .filter(({ name, generation }) => (generations.get(name) ?? generation) < generation)
      .map(({ name }) => secretVariable(name)),
  );
  return [...variablesOf(head)].sort().flatMap(([variable, stacks]): SecretReport[] => {
    const isNew = !before.has(variable);
    if (!isNew && !renewed.has(withoutPersisted(variable))) return [];
    return [
      {
        name: names.get(withoutPersisted(variable)) ?? variable,
        variable: `TF_VAR_${variable}`,
        stacks,
        why: isNew ? "new" : "new generation",
      },
    ];
  });
}

/** The variables without a value of their own, with the stacks that want them. */
function variablesOf(lab: SynthesizedLab | undefined): Map<string, string[]> {
  const variables = new Map<string, string[]>();
  for (const { name: stack, document } of lab?.stacks ?? []) {
    for (const [name, { default: value }] of Object.entries(document.variable ?? {})) {
      if (value === undefined) variables.set(name, [...(variables.get(name) ?? []), stack]);
    }
  }
  return variables;
}

function secretsOf(lab: SynthesizedLab | undefined): readonly { readonly name: string; readonly generation: number }[] {
  return lab?.manifest?.services.flatMap(({ secrets }) => secrets) ?? [];
}
