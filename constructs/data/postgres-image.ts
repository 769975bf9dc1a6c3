/**
 * Where an image of PostgreSQL that is built like the official one has its volume. Since version 18 each major version has
 * a folder of its own there, `/var/lib/postgresql/18/docker`, and the image refuses to start where something is mounted at
 * the folder of earlier ones (https://github.com/docker-library/postgres/pull/1259). An image whose version nobody can
 * tell has its volume where it always had it.
 */
export function postgresVolumeOf(image: string): string {
  const major = postgresMajorOf(image);
  return major !== undefined && major >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data";
}

/** The major version by the tag: `18.1-alpine`, `18beta1`, and of an image with extensions `2.23.0-pg18`, `pg18-v0.5`. */
function postgresMajorOf(image: string): number | undefined {
  const [, tag = ""] = /:([^:/@]+)(?:@|$)/.exec(image) ?? [];
  const major = /(?:^|[^a-z])pg(\d+)/.exec(tag)?.[1] ?? /^v?(\d+)/.exec(tag)?.[1];
  return major === undefined ? undefined : Number(major);
}
