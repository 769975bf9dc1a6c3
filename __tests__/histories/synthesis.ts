import * as fs from "node:fs";
import * as path from "node:path";
import { App, TerraformElement } from "cdktf";
import {
  Generations,
  HomelabService,
  Ledger,
  type ExistingPostgres,
  type HostProps,
  type RunPostgres,
  type SecretFacts,
} from "../../constructs";
import { Lab } from "../../constructs/lab/lab";
import { SecretUses } from "../../constructs/secrets/secret-uses";
import { SECRETS } from "../../constructs/secrets/used-secret";
import { Homelab } from "../../stacks";
import { FailureDomainStack } from "../../stacks/failure-domain-stack";
import { host, type StackJson } from "../support/synthesis";
import {
  HOSTS,
  LAYOUTS,
  SERVERS,
  declare,
  serverName,
  type Code,
  type HostName,
  type LayoutName,
  type ServerName,
} from "./code";
import type { Places } from "./terraform-model";

/** What lies in a repository beside the code. */
export interface Files {
  /** The text of the ledger. */
  readonly ledger: string;
  readonly generations: Readonly<Record<string, number>>;
}

/** The hosts and database servers that there are. */
export interface Inventory {
  host(name: HostName, layout: LayoutName): HostProps;
  server(name: ServerName): ExistingPostgres;
  /** The port of the server that the lab runs. */
  readonly ownPort?: number;
}

/** Ones that nothing reaches: their stacks are looked at, or planned offline. */
export const NOWHERE: Inventory = {
  host: (name, layout) => host(name, HOSTS.indexOf(name) + 1, { storage: LAYOUTS[layout] }),
  server: (name) => ({ host: `${name}.example.org` }),
};

/** Somebody's code, the files of its commit, and what begins the names of its services. */
export interface Source {
  readonly code: Code;
  readonly files: Files;
  readonly prefix: string;
  readonly inventory: Inventory;
  readonly environment: string | undefined;
}

/** What is deployed: stacks as Terraform's JSON, and the secrets of each service. */
export interface Rendered {
  readonly files: Files;
  readonly stacks: Readonly<Record<string, StackJson>>;
  /** What each stack reaches. */
  readonly places: Readonly<Record<string, Places>>;
  readonly secrets: Readonly<Record<string, readonly SecretFacts[]>>;
}

/**
 * A synthesis on a person's machine, as far as it changes files: what the code adds is written down.
 *
 * @throws what the library refuses
 */
export function record(folder: string, source: Source): Files {
  return withCi("", () => {
    const { app, ledger, files } = build(folder, source);
    for (const element of app.node.findAll()) if (TerraformElement.isTerraformElement(element)) nameOf(element);
    ledger.save();
    return files();
  });
}

/**
 * A synthesis in CI, without writing the stacks.
 *
 * @throws what the library refuses: that the ledger lacks something is among it
 */
export function render(folder: string, source: Source): Rendered {
  return withCi("true", () => {
    const { app, stacks, files } = build(folder, source);
    const documents = stacks.map((stack) => [stack.node.id, { resource: {}, ...stack.toTerraform() }] as const);
    const refused = app.node.validate();
    if (refused.length > 0) throw new Error(refused.join("\n"));
    return {
      files: files(),
      stacks: Object.fromEntries(documents),
      places: placesOf(Object.fromEntries(documents), source),
      secrets: Object.fromEntries(
        HomelabService.all(app).all.map(({ serviceName, service }) => [serviceName, service.said(SECRETS)]),
      ),
    };
  });
}

/** Two that would have one address are refused when the second one is asked for it. */
function nameOf(element: TerraformElement): string {
  return element.friendlyUniqueId;
}

/** The host whose engine each stack reaches, as the host's own stack does, and the database server of each. */
function placesOf(stacks: Rendered["stacks"], { prefix, environment }: Source): Rendered["places"] {
  const stackOf = (name: string): string => (environment === undefined ? name : `${name}-${environment}`);
  const engine = (stack: string): unknown => stacks[stack]?.provider.docker?.[0].host;
  const servers = SERVERS.map((name) => serverName(name, prefix));
  return Object.fromEntries(
    Object.keys(stacks).map((stack) => [
      stack,
      {
        host: HOSTS.find((name) => engine(stack) !== undefined && engine(stackOf(name)) === engine(stack)),
        server: servers.find((name) => stackOf(`postgres-${name}`) === stack),
      },
    ]),
  );
}

function build(folder: string, { code, prefix, files, inventory, environment }: Source) {
  const ledgerFile = path.join(folder, "ledger.json");
  fs.rmSync(ledgerFile, { force: true });
  if (files.ledger !== "") fs.writeFileSync(ledgerFile, files.ledger);
  const ledger = Ledger.fromFile(ledgerFile);
  const app = new App({ outdir: path.join(folder, "out") });
  const home = new Homelab(
    app,
    {
      hosts: HOSTS.map((name) => inventory.host(name, code.layouts[name])),
      postgres: {
        main: inventory.server("main"),
        other: inventory.server("other"),
        ...(code.own.at !== "nowhere" && { [serverName("own", prefix)]: ownServer(code, inventory) }),
      },
      ledger,
      generations: Generations.inMemory(files.generations),
    },
    { environment },
  );
  declare(home, code, prefix);
  const stacks = app.node.children.filter((child) => child instanceof FailureDomainStack);
  for (const stack of stacks) stack.prepareStack();
  const lab = Lab.of(app);
  return {
    app,
    lab,
    stacks,
    ledger,
    files: (): Files => ({
      ledger: fs.existsSync(ledgerFile) ? fs.readFileSync(ledgerFile, "utf8") : "",
      generations: Object.fromEntries(SecretUses.of(lab).facts.map(({ name, generation }) => [name, generation])),
    }),
  };
}

function ownServer({ own: { at, relocation }, layouts }: Code, inventory: Inventory): ExistingPostgres | RunPostgres {
  if (at === "elsewhere" || at === "nowhere") return inventory.server("own");
  const on = inventory.host(at, layouts[at]);
  return { on, image: "localhost/postgres:1", port: inventory.ownPort, relocation };
}

function withCi<T>(value: string, work: () => T): T {
  const before = process.env.CI;
  process.env.CI = value;
  try {
    return work();
  } finally {
    if (before === undefined) delete process.env.CI;
    else process.env.CI = before;
  }
}
