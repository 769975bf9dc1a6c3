/**
 * What another program said, with a mark in place of each value that nobody may read there, as it is and as URLs and JSON
 * have it.
 */
export function withoutSecrets(said: string, values: Iterable<string>): string {
  const forms = [...values].flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  return [...new Set(forms)]
    .filter((form) => form !== "")
    .sort((a, b) => b.length - a.length)
    .reduce((text, form) => text.replaceAll(form, "…"), said);
}
