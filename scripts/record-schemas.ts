/**
 * Records the schema of a provider again, as Terraform itself prints it, without its descriptions:
 *
 *     npm run schemas -- kreuzwerker/docker 4.5.0 [resource type…]
 *
 * With types only those are recorded: some providers have hundreds. It needs a registry, or a mirror that Terraform is
 * configured with. What Terraform does not print, `*.behavior.json`, is copied from the newest recording of the same
 * provider and has to be looked through: `schemas/README.md` says what it holds.
 */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { REGISTRIES } from "../offline/provider-source";
import { terraformProgram } from "../offline/terraform-program";

const FOLDER = path.join(__dirname, "../schemas");

/** The parts of a provider's schema that are maps by type. */
const MAPS = ["resource_schemas", "data_source_schemas", "ephemeral_resource_schemas"] as const;

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

function main([source = "", version = "", ...types]: string[]): void {
  if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(source) || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `usage: npm run schemas -- NAMESPACE/NAME VERSION [TYPE…], got ${JSON.stringify([source, version])}`,
    );
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "homelab-schemas-"));
  try {
    const required = { recorded: { source, version } };
    fs.writeFileSync(
      path.join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: required } }),
    );
    const terraform = (...words: string[]): string =>
      execFileSync(terraformProgram(), words, {
        cwd: folder,
        encoding: "utf8",
        maxBuffer: 2 ** 30,
        stdio: ["ignore", "pipe", "inherit"],
      });
    terraform("init", "-input=false", "-no-color");
    const printed = JSON.parse(terraform("providers", "schema", "-json")) as {
      format_version: string;
      provider_schemas: Record<string, Record<string, Json>>;
    };
    const schema = Object.entries(printed.provider_schemas).find(([address]) => address.endsWith(`/${source}`))?.[1];
    if (!schema) throw new Error(`Terraform printed no schema of ${source}`);
    const base = path.join(FOLDER, `${source.replace("/", "-")}-${version}`);
    fs.writeFileSync(
      `${base}.schema.json`,
      render(printed.format_version, `${REGISTRIES[0]}/${source}`, schema, types),
    );
    copyBehavior(source, `${base}.behavior.json`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** One type a line, so that a change can be read. */
function render(
  format: string,
  address: string,
  schema: Readonly<Record<string, Json>>,
  types: readonly string[],
): string {
  const line = (value: Json): string => JSON.stringify(sorted(withoutDescriptions(value)));
  const maps = MAPS.flatMap((name) => {
    const all = Object.entries((schema[name] ?? {}) as Readonly<Record<string, Json>>).filter(
      ([type]) => types.length === 0 || types.includes(type),
    );
    return all.length === 0
      ? []
      : [
          `"${name}":{\n${all
            .sort(byName)
            .map(([type, value]) => `"${type}":${line(value)}`)
            .join(",\n")}\n}`,
        ];
  });
  return `{"format_version":"${format}","provider_schemas":{"${address}":{\n${[`"provider":${line(schema.provider ?? {})}`, ...maps].join(",\n")}\n}}}\n`;
}

/** Leaves out the texts, and the flags that are false. An attribute that is itself called `description` is kept. */
function withoutDescriptions(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) =>
      !(key === "description" && typeof inner === "string") && key !== "description_kind" && inner !== false,
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutDescriptions(inner)]));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(byName)
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function copyBehavior(source: string, target: string): void {
  if (fs.existsSync(target)) return;
  const known = fs
    .readdirSync(FOLDER)
    .filter((name) => name.startsWith(`${source.replace("/", "-")}-`) && name.endsWith(".behavior.json"));
  const newest = known.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest === undefined) {
    console.log(`write ${path.basename(target)} by hand: schemas/README.md says what it holds`);
    return;
  }
  fs.copyFileSync(path.join(FOLDER, newest), target);
  console.log(`look through ${path.basename(target)}, which is a copy of ${newest}`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
