/**
 * Writes `.gen`: TypeScript bindings of the providers that have no prebuilt package, and with `--all` of the others too,
 * made from the recorded schemas in `schemas/`, so that no registry and no provider is needed. cdktf's generator asks Terraform, where there is one, for
 * its version when it is loaded: without a CLI configuration, whose troubles are nobody's business here.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { ConstructsMakerTarget, Language, TerraformProviderConstraint, type ProviderSchema } from "@cdktf/commons";
import { TerraformProviderGenerator } from "@cdktf/provider-generator";
import { CodeMaker } from "codemaker";

/** The resource types in use: bindings of all of Uptime Kuma would be 267 files. */
const PROVIDERS = [
  {
    source: "breml/uptimekuma@0.4.0",
    resources: ["uptimekuma_monitor_http", "uptimekuma_monitor_http_keyword", "uptimekuma_monitor_tcp_port"],
    dataSources: ["uptimekuma_notification"],
  },
  { source: "kristofferahl/healthchecksio@2.3.0", resources: ["healthchecksio_check"], dataSources: [] },
] as const;

/** Those that have a package, whose last version was published: `tsconfig.bindings.json` puts these in their place. */
const PACKAGED = [
  {
    source: "cloudflare/cloudflare@5.14.0",
    resources: [
      "cloudflare_dns_record",
      "cloudflare_ruleset",
      "cloudflare_zero_trust_tunnel_cloudflared", // not in use, but why the next one's class ends with an A
      "cloudflare_zero_trust_tunnel_cloudflared_config",
    ],
    dataSources: [],
  },
  {
    source: "cyrilgdn/postgresql@1.26.0",
    resources: [
      "postgresql_database",
      "postgresql_default_privileges",
      "postgresql_extension",
      "postgresql_grant",
      "postgresql_role",
    ],
    dataSources: [],
  },
  { source: "hashicorp/null@3.2.4", resources: ["null_resource"], dataSources: [] },
  {
    source: "kreuzwerker/docker@4.5.0",
    resources: ["docker_container", "docker_image", "docker_network", "docker_volume"],
    dataSources: ["docker_network"],
  },
] as const;

const root = path.join(__dirname, "..");

function pick<T>(all: Record<string, T> = {}, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(
    names.map((name) => {
      if (!(name in all)) throw new Error(`the recorded schema has no "${name}"`);
      return [name, all[name] as T];
    }),
  );
}

async function main(words: readonly string[]): Promise<void> {
  const unknown = words.find((word) => word !== "--all");
  if (unknown !== undefined) throw new Error(`usage: npm run get [-- --all], got ${JSON.stringify(unknown)}`);
  const target = path.join(root, ".gen");
  fs.rmSync(target, { recursive: true, force: true });
  for (const { source, resources, dataSources } of words.length > 0 ? [...PROVIDERS, ...PACKAGED] : PROVIDERS) {
    const file = path.join(root, "schemas", `${source.replace("/", "-").replace("@", "-")}.schema.json`);
    const recorded = JSON.parse(fs.readFileSync(file, "utf8")) as ProviderSchema;
    const providers = Object.entries(recorded.provider_schemas ?? {}).map(([address, schema]) => [
      address,
      {
        ...schema,
        resource_schemas: pick(schema.resource_schemas, resources),
        data_source_schemas: pick(schema.data_source_schemas, dataSources),
      },
    ]);
    const code = new CodeMaker();
    new TerraformProviderGenerator(code, {
      ...recorded,
      provider_schemas: Object.fromEntries(providers) as ProviderSchema["provider_schemas"],
    }).generate(ConstructsMakerTarget.from(new TerraformProviderConstraint(source), Language.TYPESCRIPT));
    await code.save(target);
  }
  // The generator knows nothing of `noImplicitOverride` and of unused names; what it writes is not ours to lint.
  for (const file of fs.readdirSync(target, { recursive: true, encoding: "utf8" })) {
    const full = path.join(target, file);
    if (file.endsWith(".ts")) fs.writeFileSync(full, `// @ts-nocheck\n${fs.readFileSync(full, "utf8")}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
