import type { ServiceManifest } from "../contract/manifest";
import { elements, pathOf, serviceOf, texts, type ResourceBody, type SynthesizedLab } from "./labs";

/** What a container finds at a path. */
export interface Found {
  /** The host. */
  readonly host: string;
  /** A volume of Docker's, a path of the host, files that the lab places there, or what is empty at each start. */
  readonly kind: "volume" | "path" | "files" | "memory";
  /** The volume's name or the path on the host. */
  readonly name: string;
  /** Where inside of it, with a slash in front; nothing for all of it. */
  readonly below: string;
}

/** Something mounted into a container. */
export interface Mounted {
  /** The path in the container. */
  readonly path: string;
  /** What is there. */
  readonly found: Found;
  /** Whether the container may write there. */
  readonly writable: boolean;
}

/** A container as it was synthesized, overrides included. */
export interface SynthesizedContainer {
  /** Its stack. */
  readonly stack: string;
  /** Its address. */
  readonly address: string;
  /** Its name. */
  readonly name: string;
  /** The host that it runs on. */
  readonly host: string;
  /**
   * Its service.
   *
   * @default - it belongs to none
   */
  readonly service?: ServiceManifest;
  /** The keys that lead to it inside its service, with dots between: nothing for the service's own. */
  readonly part: string;
  /** Its image. */
  readonly image: string;
  /** Its environment. */
  readonly environment: ReadonlyMap<string, string>;
  /** What is mounted into it. */
  readonly mounts: readonly Mounted[];
  /** The files that are copied into it. */
  readonly uploads: readonly string[];
}

const TYPE = "docker_container";

/** Every container of a lab. */
export function containersOf(lab: SynthesizedLab): SynthesizedContainer[] {
  const { manifest } = lab;
  return lab.stacks.flatMap(({ name: stack, document }) =>
    Object.entries<ResourceBody>(document.resource?.[TYPE] ?? {}).map(([id, body]) => {
      const address = `${TYPE}.${id}`;
      const service = serviceOf(manifest, stack, address);
      const host = service?.host ?? manifest?.hosts.find((known) => known.stack === stack)?.name ?? stack;
      return {
        ...{ stack, address, host, service },
        name: text(body.name),
        part: partOf(body, service),
        image: resolved(lab, stack, text(body.image), "name"),
        environment: environmentOf(body),
        mounts: mountsOf(lab, stack, host, body),
        uploads: elements(body.upload).map(({ file }) => text(file)),
      };
    }),
  );
}

/** What a container finds at a path: what is mounted there, or a folder of what is mounted above; undefined for neither. */
export function foundAt(container: SynthesizedContainer, path: string): Found | undefined {
  const nearest = mountAt(container, path);
  if (!nearest) return undefined;
  const rest = path.slice(nearest.path === "/" ? 0 : nearest.path.length).replace(/^\/$/, "");
  return { ...nearest.found, below: nearest.found.below + rest };
}

/** The mount that a path of a container is in. */
export function mountAt({ mounts }: SynthesizedContainer, path: string): Mounted | undefined {
  const [nearest] = mounts.filter((mount) => isWithin(path, mount.path)).sort((a, b) => b.path.length - a.path.length);
  return nearest;
}

/** Whether a path is a folder or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** Whether two containers find the same thing, which outlives both. */
export function isSameThing(one: Found | undefined, other: Found | undefined): boolean {
  if (!one || !other || one.kind === "memory" || other.kind === "memory") return false;
  return one.host === other.host && whole(one) === whole(other);
}

/** A thing by what it is on its host: a volume of Docker's is found by its folder as well. */
function whole({ kind, name, below }: Found): string {
  const volume = /^\/var\/lib\/docker\/volumes\/([^/]+)\/_data(\/.*)?$/.exec(kind === "volume" ? "" : name + below);
  if (volume) return `volume ${volume[1] ?? ""}${volume[2] ?? ""}`;
  return `${kind === "volume" ? "volume " : ""}${name}${below}`;
}

function partOf(body: ResourceBody, service: ServiceManifest | undefined): string {
  if (service?.container === body.name) return "";
  const companion = service?.companions.find(({ container }) => container === body.name);
  if (companion) return companion.part;
  // An override gave it another name.
  const steps = (pathOf(body) ?? "").split("/");
  const own = service === undefined ? -1 : steps.indexOf(service.name, 1);
  return own < 0 ? "" : steps.slice(own + 1, -1).join(".");
}

function environmentOf(body: ResourceBody): ReadonlyMap<string, string> {
  return new Map(
    texts(body.env).map((line) => {
      const [name = "", ...value] = line.split("=");
      return [name, value.join("=")];
    }),
  );
}

function mountsOf(lab: SynthesizedLab, stack: string, host: string, body: ResourceBody): Mounted[] {
  const placed = (lab.manifest?.directories ?? []).filter((directory) => directory.host === host);
  const found = (type: unknown, source: unknown): Found => {
    const name = normal(resolved(lab, stack, text(source), "name"));
    if (type === "tmpfs" || name === "") return { host, kind: "memory", name: "", below: "" };
    if (!name.startsWith("/")) return { host, kind: "volume", name, below: "" };
    return { host, kind: placed.some(({ path }) => path === name) ? "files" : "path", name, below: "" };
  };
  const tmpfs = typeof body.tmpfs === "object" && body.tmpfs !== null ? Object.keys(body.tmpfs) : [];
  return [
    ...elements(body.mounts).map(({ target, source, type, read_only }) => ({
      path: normal(text(target)),
      found: found(type, source),
      writable: read_only !== true,
    })),
    ...elements(body.volumes).map(({ container_path, host_path, volume_name, read_only }) => ({
      path: normal(text(container_path)),
      found: found("volume", host_path ?? volume_name),
      writable: read_only !== true,
    })),
    ...tmpfs.map((path) => ({ path: normal(path), found: found("tmpfs", ""), writable: true })),
  ];
}

/** A value, or what a reference to another resource of the stack says there. */
function resolved({ stacks }: SynthesizedLab, stack: string, value: string, attribute: string): string {
  const [, type = "", id = ""] = /^\$\{([a-z_]+)\.([\w-]+)\.\w+\}$/.exec(value) ?? [];
  const target = stacks.find(({ name }) => name === stack)?.document.resource?.[type]?.[id] as ResourceBody | undefined;
  return typeof target?.[attribute] === "string" ? target[attribute] : value;
}

function normal(path: string): string {
  return path.startsWith("/") ? path.replace(/\/+/g, "/").replace(/(?<=.)\/$/, "") : path;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
