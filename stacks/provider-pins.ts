/**
 * The providers that the library was tested with, by the name under which a configuration requires them. The versions
 * are those of the recordings in `schemas/`; a range would float at each deployment, since lock files are written into
 * the output folder.
 */
export const PROVIDER_PINS: Readonly<Record<string, string>> = {
  cloudflare: "5.14.0",
  docker: "4.5.0",
  healthchecksio: "2.3.0",
  null: "3.2.4",
  postgresql: "1.26.0",
  uptimekuma: "0.4.0",
};
