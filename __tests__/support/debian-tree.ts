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
  const key = createHash("sha256")
    .update([MIRROR, ...PACKAGES].join())
    .digest("hex")
    .slice(0, 8);
  const archive = path.join(cacheFolder(), `debian-${release}-${key}.tar`);
  if (!fs.existsSync(archive)) makeArchive(release, archive);
  fs.mkdirSync(tree, { recursive: true });
  execFileSync("tar", ["-C", tree, "-xpf", archive]);
}

function makeArchive(release: string, archive: string): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-debian-"));
  try {
    const tree = path.join(folder, "tree");
    execFileSync("debootstrap", [`--include=${PACKAGES.join()}`, release, tree, MIRROR], { stdio: "ignore" });
    // Packages that were unpacked are a third of it.
    execFileSync("chroot", [tree, "apt-get", "clean"]);
    const unfinished = `${archive}.${process.pid}`;
    execFileSync("tar", ["-C", tree, "-cf", unfinished, "."]);
    fs.renameSync(unfinished, archive);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
