import { placedFiles, placement, type StackJson, type Synthesis } from "./synthesis";

/** The configuration that a lab places for its Authelia. */
export function configurationOf(made: Synthesis): string {
  const found = Object.entries(placedFiles(stackOf(made))).find(([file]) => file.endsWith("/configuration.yml"));
  return found?.[1] ?? "";
}

/** What Terraform makes of the users file, when each digest is the given one. */
export function usersFileOf(made: Synthesis, digest: string): string {
  const { content = "" } = placement(placingOf(made))["users.yml"] ?? {};
  const pieces = /\$\{base64encode\(join\("", (\[.*?\])\)\)\}/.exec(content)?.[1] ?? "[]";
  return JSON.parse(pieces.replaceAll(/var\.\w+/g, JSON.stringify(digest)).replaceAll("$${", "${")).join("");
}

/** The resource that places its files. */
export function placingOf(made: Synthesis): any {
  return stackOf(made).resource.null_resource?.authelia_config;
}

/** The stack that Authelia runs in. */
function stackOf({ stacks }: Synthesis): StackJson {
  const found = Object.values(stacks).find((stack) => stack.resource.null_resource?.authelia_config);
  if (!found) throw new Error("the lab has no Authelia");
  return found;
}
