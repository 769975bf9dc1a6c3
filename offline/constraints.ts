import type { Behavior } from "./recording";
import { isMap, type Value, type ValueMap } from "./values";

/**
 * What a configuration holds that its provider would refuse: attributes that exclude or need each other. Paths are
 * those of the older SDK: `mode.0.global` is in the first element of a block.
 */
export function violatedConstraints(behavior: Behavior, config: ValueMap): string[] {
  return Object.entries(behavior.constraints ?? {}).flatMap(([path, rule]) => {
    const set = isSet(config, path);
    const conflict = set ? rule.conflicts_with?.find((other) => isSet(config, other)) : undefined;
    const missing = set ? rule.required_with?.find((other) => !isSet(config, other)) : undefined;
    const chosen = rule.exactly_one_of?.filter((other) => isSet(config, other)) ?? [];
    return [
      ...(conflict === undefined ? [] : [`"${path}": conflicts with ${conflict}`]),
      ...(missing === undefined ? [] : [`"${path}": also needs ${missing}`]),
      ...(rule.exactly_one_of && chosen.length !== 1
        ? [`"${path}": exactly one of ${rule.exactly_one_of.join(", ")} must be given`]
        : []),
    ];
  });
}

function isSet(config: ValueMap, path: string): boolean {
  const value = path
    .replaceAll("[]", ".0")
    .split(".")
    .reduce<Value>((inner, step) => {
      if (Array.isArray(inner)) return (inner as readonly Value[])[Number(step)] ?? null;
      return isMap(inner) ? (inner[step] ?? null) : null;
    }, config);
  // A block that is not given is an empty list.
  return value !== null && !(Array.isArray(value) && value.length === 0);
}
