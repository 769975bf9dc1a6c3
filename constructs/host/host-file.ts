import { createHash } from "node:crypto";
import type { DirectoryFacts, FileReload } from "../../contract/host-facts";
import { quote } from "../../contract/text";
import type { LateText } from "./host-script";
import { inGroups, slices } from "./script-environment";
import { base64Expression, type SecretPiece } from "./secret-pieces";

/** A file that is placed on a host. */
export interface HostFile {
  /** The name inside the directory. */
  readonly name: string;
  /** Its content: text with the values of secrets between, or plain text that is known when all is declared. */
  readonly content: readonly SecretPiece[] | (() => string);
  /** Numeric owner, `uid:gid`. */
  readonly owner: string;
  /** Octal mode. */
  readonly mode: string;
  /**
   * What stands for the content in a plan where it holds secrets: `generation 3`.
   *
   * @default - a hash of the content, which then has no secret
   */
  readonly version?: string;
  /**
   * Shell text that fails when the program that reads the new files, in the folder `$new`, would not take them.
   *
   * @default - nothing is checked
   */
  readonly check?: string;
  /**
   * Shell text that runs after the files were replaced, when the container runs.
   *
   * @default - nothing
   */
  readonly reload?: string;
  /**
   * What that does to the container.
   *
   * @default - no container has the file, or it is replaced
   */
  readonly onChange?: FileReload;
}

/** A file with who placed it. */
export interface PlacedFile extends HostFile {
  readonly by: string;
  readonly subject: string;
}

/** How many bytes the files of a directory have at most, and how many of a file travel in one piece. */
const [MOST, SLICE] = [512 * 1024, 48 * 1024];

/** Refuses files that the environment of a process does not hold, which macOS limits to a mebibyte. */
export function checkSize(
  path: string,
  files: readonly PlacedFile[],
  known: (file: PlacedFile) => readonly SecretPiece[],
): void {
  const sizes = files.map((file) => known(file).reduce((sum, piece) => sum + byteLength(piece), 0));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const largest = files[sizes.indexOf(Math.max(...sizes))];
  if (size <= MOST || !largest) return;
  throw new Error(
    `${largest.subject}: the files of one directory may have ${MOST} bytes together, those of ${quote(path)} have ${size}: put ${quote(largest.name)} into the image, or onto the host by other means and mount it with HostPath.at()`,
  );
}

/** Of each file its name, owner, mode and content, as many words as it takes. */
export function wordsOf(path: string, files: readonly PlacedFile[]): string[] {
  const pieces = new Map(files.map((file) => [file, piecesOf(file)] as const));
  checkSize(path, files, (file) => pieces.get(file) ?? []);
  return [...pieces].flatMap(([{ name, owner, mode }, all]) => {
    const slicesOf = all.flatMap((one): readonly SecretPiece[] => (typeof one === "string" ? slices(one) : [one]));
    const content = inGroups(slicesOf, SLICE, byteLength).map(base64Expression);
    return [name, owner, mode, String(content.length), ...content];
  });
}

/** A file as plain data. */
export function factsOfFile({
  name,
  owner,
  mode,
  content,
  version,
  onChange,
}: HostFile): DirectoryFacts["files"][number] {
  return {
    ...{ name, owner, mode },
    ...(version === undefined ? { sha256: sha256(plainText(content)) } : { version }),
    ...(onChange && { onChange }),
  };
}

/** What has a file placed again when it is another one. */
export function triggerOf({ content, version, owner, mode }: HostFile): LateText {
  const describe = (what: string): string => `${what}, ${owner}, ${mode}`;
  if (version !== undefined) return describe(version);
  if (typeof content === "function") return () => describe(contentHash(content()));
  return describe(contentHash(plainText(content)));
}

function piecesOf({ content }: HostFile): readonly SecretPiece[] {
  return typeof content === "function" ? [content()] : content;
}

function byteLength(piece: SecretPiece): number {
  return typeof piece === "string" ? Buffer.byteLength(piece) : 0;
}

function plainText(content: HostFile["content"]): string {
  if (typeof content === "function") return content();
  return content
    .map((piece) => {
      if (typeof piece !== "string") throw new Error("a file with secrets needs a version that stands for them");
      return piece;
    })
    .join("");
}

function contentHash(text: string): string {
  return `sha256:${sha256(text)}`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
