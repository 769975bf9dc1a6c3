import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { DirectoryFacts } from "../contract/host-facts";
import { NAMES } from "../contract/remote-shell";
import { elements } from "../contract/rendered-values";
import type { LabContainer, WrittenLab } from "./containers";
import { isWithin } from "./mounted";

/** A file that a container finds. */
export interface ContainerFile {
  /** Its path in the container. */
  readonly path: string;
  /** What is in it; undefined where the code does not tell: it holds a secret, or Terraform makes it. */
  readonly read: () => string | undefined;
  /** What is another one when the file is. */
  readonly version: string;
}

/** The files that the lab copies into a container, and those that it places on the host and mounts there. */
export function filesOf(lab: WrittenLab, container: LabContainer): ContainerFile[] {
  const copied = elements(container.attributes.upload).map((upload) => ({
    path: String(upload.file),
    read: () => uploaded(upload),
    version: JSON.stringify(upload),
  }));
  const placed = mountsOf(container).flatMap(({ path, source }) => {
    const directory = directoryOf(lab, container, source);
    return (directory?.files ?? []).map(({ name, sha256, version = "" }) => ({
      path: posix.join(path, name),
      read: () => placedText(lab, directory, name, sha256),
      version: sha256 ?? version,
    }));
  });
  return [...copied, ...placed];
}

/** What else a container finds in a folder: whatever is mounted there beside these files, which no code tells. */
export function unknownIn(lab: WrittenLab, container: LabContainer, folder: string): string[] {
  const all = mountsOf(container);
  const [nearest] = all.filter(({ path }) => isWithin(folder, path)).sort((a, b) => b.path.length - a.path.length);
  return all
    .filter((mount) => mount === nearest || isWithin(mount.path, folder))
    .flatMap(({ source }) => (directoryOf(lab, container, source) ? [] : [source]));
}

function mountsOf({ attributes }: LabContainer): { readonly path: string; readonly source: string }[] {
  const all = [
    ...elements(attributes.mounts).map(({ target, source }) => [target, source]),
    ...elements(attributes.volumes).map(({ container_path, host_path, volume_name }) => [
      container_path,
      host_path ?? volume_name,
    ]),
  ];
  return all.map(([path, source]) => ({ path: posix.resolve("/", String(path)), source: String(source) }));
}

function directoryOf({ manifest }: WrittenLab, { host }: LabContainer, source: string): DirectoryFacts | undefined {
  return manifest.directories.find((directory) => directory.host === host && directory.path === source);
}

/** The text of an upload, unless it has an expression of Terraform. */
function uploaded({ content, content_base64: encoded }: Readonly<Record<string, unknown>>): string | undefined {
  const text = typeof content === "string" ? content : encoded;
  if (typeof text !== "string" || /(^|[^$%])[$%]\{/.test(text)) return undefined;
  return text === content ? text.replace(/([$%])\1\{/g, "$1{") : Buffer.from(text, "base64").toString("utf8");
}

/** The text of a placed file as the script has it; nothing where that is another one than the manifest tells. */
function placedText(
  { stacks }: WrittenLab,
  directory: DirectoryFacts | undefined,
  name: string,
  sha256: string | undefined,
): string | undefined {
  const document = stacks.find((stack) => stack.name === directory?.stack)?.document;
  const bodies = Object.values(document?.resource?.null_resource ?? {}).flatMap((body) => elements(body));
  const scripts = bodies.filter((body) => elements(body.triggers).some(({ path }) => path === directory?.path));
  const [first] = elements(scripts[0]?.provisioner);
  const text = placedTexts(elements(first?.["local-exec"])[0]?.environment).get(name);
  return text !== undefined && createHash("sha256").update(text).digest("hex") === sha256 ? text : undefined;
}

/** The texts among the words of a script that places files: of each its name, owner, mode, a count, and so many pieces. */
function placedTexts(environment: unknown): ReadonlyMap<string, string> {
  const [variables = {}] = elements(environment);
  const said = (name: string): string => (typeof variables[name] === "string" ? variables[name] : "");
  const script = said(NAMES).split(" ").map(said).join("");
  const [, line = ""] = /\nset --(.*)\n/.exec(script) ?? [];
  const words = [...line.matchAll(/ (?:'([^']*)'|(\S+))/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
  const texts = new Map<string, string>();
  while (words.length > 0) {
    const [name = "", , , count = ""] = words.splice(0, 4);
    const pieces = words.splice(0, Number(count)).map((piece) => Buffer.from(piece, "base64"));
    texts.set(name, Buffer.concat(pieces).toString("utf8"));
  }
  return texts;
}
