import type { Found } from "./mounted";

/** What a container finds, in words. */
export function inWords(found: Found | undefined): string {
  if (!found) return "nothing";
  const { kind, name, below } = found;
  if (kind === "memory") return "an empty file system in memory";
  const what =
    kind === "volume" ? `volume ${name}` : kind === "files" ? `files of the lab's, ${name},` : `${name} of the host`;
  return below === "" ? what : `${below} in ${what}`;
}
