import * as fs from "node:fs";
import * as path from "node:path";
import { App, TerraformElement } from "cdktf";
import {
  Generations,
  HomelabService,
  Ledger,
  type ExistingPostgres,
  type HostProps,
  type SecretFacts,
} from "../../constructs";
import { Lab } from "../../constructs/lab";
import { SecretUses } from "../../constructs/secret-uses";
import { SECRETS } from "../../constructs/used-secret";
import { Homelab } from "../../stacks";
import { FailureDomainStack } from "../../stacks/failure-domain-stack";
import { host, type StackJson } from "../support/synthesis";
import { HOSTS, LAYOUTS, SERVERS, declare, type Code, type HostName, type LayoutName, type ServerName } from "./code";

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
}

/** What is deployed: stacks as Terraform's JSON, and the secrets of each service. */
export interface Rendered {
  readonly files: Files;
  readonly stacks: Readonly<Record<string, StackJson>>;
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

function build(folder: string, { code, prefix, files, inventory }: Source) {
  const ledgerFile = path.join(folder, "ledger.json");
  fs.rmSync(ledgerFile, { force: true });
  if (files.ledger !== "") fs.writeFileSync(ledgerFile, files.ledger);
  const ledger = Ledger.fromFile(ledgerFile);
  const app = new App({ outdir: path.join(folder, "out") });
  const home = new Homelab(app, {
    hosts: HOSTS.map((name) => inventory.host(name, code.layouts[name])),
    postgres: Object.fromEntries(SERVERS.map((name) => [name, inventory.server(name)])),
    ledger,
    generations: Generations.inMemory(files.generations),
  });
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
