import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { missing } from "./programs";

const MIRROR = "http://deb.debian.org/debian";

/** What a machine has on which Debian's installer put a standard system with an SSH server. */
const PACKAGES = ["dbus", "openssh-server", "ca-certificates"];

/** Where what costs minutes to make is kept from one run of the tests to the next. */
export function cacheFolder(): string {
  const folder = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "cdktf-homelab");
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** What is not there for a Debian. */
export function missingForDebian(): string | undefined {
  const programs = missing(["debootstrap", "chroot", "mount", "tar"], { root: true });
  if (programs !== undefined) return programs;
  const { status } = spawnSync("curl", ["-fsI", "-m", "20", `${MIRROR}/dists/bookworm/InRelease`]);
  return status === 0 ? undefined : "no mirror of Debian in reach";
}

/** Unpacks a stock Debian into a new folder. debootstrap makes it once on a machine. */
export function unpackDebian(release: string, tree: string): void {
  fs.mkdirSync(tree, { recursive: true });
  execFileSync("tar", ["-C", tree, "-xpf", debianArchive("debian", { release, packages: PACKAGES })]);
}

/** What a Debian is made of. */
export interface DebianProps {
  readonly release: string;
  readonly packages: readonly string[];
  /** What debootstrap is told about the packages that every Debian has. */
  readonly variant?: "minbase";
  /** What is done to it, and a text that changes when that does. */
  readonly completion?: { readonly key: string; readonly complete: (tree: string) => void };
}

/** The archive of a Debian. It is made once on a machine. */
export function debianArchive(name: string, props: DebianProps): string {
  const key = createHash("sha256")
    .update([MIRROR, ...props.packages, ...(props.completion === undefined ? [] : [props.completion.key])].join())
    .digest("hex")
    .slice(0, 8);
  const archive = path.join(cacheFolder(), `${name}-${props.release}-${key}.tar`);
  if (!fs.existsSync(archive)) makeArchive(props, archive);
  return archive;
}

function makeArchive({ release, packages, variant, completion }: DebianProps, archive: string): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-debian-"));
  try {
    const tree = path.join(folder, "tree");
    const words = [`--include=${packages.join()}`, ...(variant === undefined ? [] : [`--variant=${variant}`])];
    execFileSync("debootstrap", [...words, release, tree, MIRROR], { stdio: "ignore" });
    // Packages that were unpacked are a third of it.
    execFileSync("chroot", [tree, "apt-get", "clean"]);
    completion?.complete(tree);
    const unfinished = `${archive}.${process.pid}`;
    execFileSync("tar", ["-C", tree, "-cf", unfinished, "."]);
    fs.renameSync(unfinished, archive);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
