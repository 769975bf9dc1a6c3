import { posix } from "node:path";
import type { Manifest } from "../contract/manifest";
import { quote } from "../contract/text";
import type { ContainerFile } from "./container-files";
import type { LabContainer } from "./containers";
import { texts } from "./labs";
import { parseOnce } from "./parse-once";
import { GUARDS, type Router } from "./routers";
import { parseRule } from "./traefik-rules";

/** What a proxy reads from files. */
export interface FileRouters {
  /** The routers. */
  readonly routers: readonly Router[];
  /** What the code does not tell of them. */
  readonly unseen: readonly Unseen[];
}

/** Something that a proxy does and the code does not tell. */
export interface Unseen {
  /** What, in words. */
  readonly what: string;
  /**
   * What is another one when that changes.
   *
   * @default - the lab knows nothing of it
   */
  readonly version?: string;
}

/** A map of a document; Traefik takes its own words in any case. */
type Fields = Readonly<Record<string, unknown>>;

/** A file that was read. */
interface Read {
  readonly file: string;
  readonly document: Fields;
}

/**
 * The routers that a proxy reads from files, in the order in which it reads them: of two things with one name the first
 * one counts. https://doc.traefik.io/traefik/reference/install-configuration/providers/others/file/
 */
export function routersInFiles(
  container: LabContainer,
  files: readonly ContainerFile[],
  hosts: Manifest["hosts"],
): FileRouters {
  const read: Read[] = [];
  const unseen: Unseen[] = [];
  for (const { path, read: textOf, version } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const document = documentIn(path, textOf());
    if (document) read.push({ file: posix.basename(path), document });
    else unseen.push({ what: `the routers that ${container.name} reads from ${path}`, version });
  }
  const middlewares = read.flatMap(({ document }) => Object.entries(at(document, "http", "middlewares")));
  for (const guard of GUARDS) {
    const [first, ...others] = middlewares.filter(([name]) => `${name}@file` === guard);
    if (first && others.length > 0)
      unseen.push({
        what: `what middleware ${quote(first[0])} of ${container.name} does, which several files define`,
        version: JSON.stringify([first, ...others]),
      });
  }
  const known: Known = {
    ...{ container, hosts },
    middlewares: firstOf(middlewares),
    services: firstOf(read.flatMap(({ document }) => Object.entries(at(document, "http", "services")))),
  };
  const routers = (["http", "tcp", "udp"] as const).flatMap((protocol) => {
    const all = read.flatMap(({ file, document }) =>
      Object.entries(at(document, protocol, "routers")).map(([name, options]) => ({ file, name, options })),
    );
    const names = new Set<string>();
    return all
      .filter(({ name }) => !names.has(name) && names.add(name))
      .flatMap(({ file, name, options }) => routerOf(protocol, file, name, at(options), known) ?? []);
  });
  return { routers, unseen };
}

/** What the files of a proxy say beside its routers. */
interface Known {
  readonly container: LabContainer;
  readonly hosts: Manifest["hosts"];
  readonly middlewares: ReadonlyMap<string, unknown>;
  readonly services: ReadonlyMap<string, unknown>;
}

/** A file as Traefik reads it; undefined where the text is not known, is a template, or is no YAML. */
function documentIn(path: string, text: string | undefined): Fields | undefined {
  if (text === undefined || text.includes("{{") || !/\.ya?ml$/.test(path)) return undefined;
  try {
    return at(parseOnce(text));
  } catch {
    return undefined;
  }
}

function routerOf(
  protocol: Router["protocol"],
  file: string,
  name: string,
  options: Fields,
  known: Known,
): Router | undefined {
  const said = field(options, "rule");
  if (typeof said !== "string" && protocol !== "udp") return undefined; // Traefik has none without a rule
  const text = typeof said === "string" ? said : "every packet";
  const rule = parseRule(text);
  const priority = field(options, "priority");
  const tls = field(options, "tls");
  return {
    ...{ name, protocol, text, container: known.container, source: `file ${file}, router ${name}` },
    ...(rule && { rule }),
    priority: Number(priority ?? 0) || Buffer.byteLength(text),
    isTls: tls !== undefined && tls !== null && tls !== false,
    entryPoints: words(field(options, "entryPoints")),
    middlewares: words(field(options, "middlewares")).flatMap((one) => expanded(one, known, new Set())),
    ...ledBy(field(options, "service"), known),
  };
}

/** A middleware with those that it is a chain of. */
function expanded(name: string, known: Known, passed: ReadonlySet<string>): string[] {
  const full = name.includes("@") ? name : `${name}@file`;
  if (passed.has(full)) return [];
  const chain = full.endsWith("@file") ? at(known.middlewares.get(full.slice(0, -5)), "chain") : {};
  const inside = words(field(chain, "middlewares"));
  return [full, ...inside.flatMap((one) => expanded(one, known, new Set([...passed, full])))];
}

/** The container that gets the requests, the host whose proxy gets them, or nobody. */
function ledBy(service: unknown, { container, hosts, services }: Known): Pick<Router, "target" | "leads"> {
  const own = { target: container.name };
  if (typeof service !== "string") return own;
  const [name = "", provider = "file"] = service.split("@");
  if (provider === "docker") return { target: name.split("_")[0] ?? name };
  if (provider === "internal") return name === "noop" ? { ...own, leads: "nowhere" } : own;
  const balancer = at(services.get(name), "loadBalancer");
  const servers = field(balancer, "servers");
  if (!Array.isArray(servers)) return own;
  if (servers.length === 0) return { ...own, leads: "nowhere" };
  const url = field(at(servers[0]), "url");
  const { hostname, protocol, port } = URL.canParse(String(url)) ? new URL(String(url)) : new URL("http://unknown");
  const address = hostname.replace(/^\[|\]$/g, "");
  const other = hosts.find(({ lanAddress, publicAddress }) => [lanAddress, publicAddress].includes(address));
  // Another host's proxy is asked for the same name, unless the service says otherwise.
  const isHandedOn = protocol === "https:" && port === "" && field(balancer, "passHostHeader") !== false;
  return servers.length === 1 && other && isHandedOn ? { ...own, leads: { to: other.name } } : { target: address };
}

function firstOf(entries: readonly (readonly [string, unknown])[]): ReadonlyMap<string, unknown> {
  return new Map([...entries].reverse());
}

/** The map at a place of a document; an empty one where there is none. */
function at(value: unknown, ...path: readonly string[]): Fields {
  const found = path.reduce<unknown>((inner, key) => field(inner, key), value);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Fields) : {};
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function words(value: unknown): string[] {
  const list = typeof value === "string" ? value.split(",") : texts(value);
  return list.flatMap((one) => (one.trim() === "" ? [] : [one.trim()]));
}
