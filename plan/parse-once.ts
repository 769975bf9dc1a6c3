import { parse } from "yaml";

/** How many documents are kept: those of the proxies of a lab, of two syntheses. */
const MOST = 200;

const known = new Map<string, unknown>();

/** A YAML document, parsed once: the two labs of a plan have most of their files in common. Throws for what is none. */
export function parseOnce(text: string): unknown {
  if (known.has(text)) return known.get(text);
  const document: unknown = parse(text);
  if (known.size >= MOST) known.clear();
  known.set(text, document);
  return document;
}
