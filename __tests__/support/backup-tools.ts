import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "./debian-tree";
import { missing } from "./programs";

const BORGMATIC = "2.1.10";
const RESTIC = "v0.19.1";

/** What is not there for them; Debian's borgmatic and restic are years behind what a lab pins. */
export function missingForBackupTools(): string | undefined {
  return missing(["go", "pip"]);
}

/** Puts borgmatic, with what it needs, into a tree that has Python and Borg. */
export function installBorgmatic(tree: string): void {
  const folder = path.join(tree, "opt/borgmatic");
  const version = execFileSync("chroot", [tree, "python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
  execFileSync(
    "pip",
    [
      ...["install", "--quiet", "--no-compile", "--target", folder],
      // For the tree's Python, not for the one that runs pip.
      ...["--python-version", version.toString().trim(), "--only-binary=:all:"],
      `borgmatic==${BORGMATIC}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  fs.writeFileSync(
    path.join(tree, "usr/local/bin/borgmatic"),
    '#!/bin/sh\nPYTHONPATH=/opt/borgmatic exec python3 /opt/borgmatic/bin/borgmatic "$@"\n',
    { mode: 0o755 },
  );
  // In an image that is mounted read-only nothing can be compiled later.
  execFileSync("chroot", [tree, "python3", "-m", "compileall", "-q", "/opt/borgmatic"]);
}

/** Puts restic into a tree. It is built once on a machine. */
export function installRestic(tree: string): void {
  const folder = path.join(cacheFolder(), `restic-${RESTIC}`);
  if (!fs.existsSync(path.join(folder, "restic")))
    execFileSync("nice", ["go", "install", "-ldflags", "-s -w", `github.com/restic/restic/cmd/restic@${RESTIC}`], {
      env: { ...process.env, GOBIN: folder, GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
  fs.copyFileSync(path.join(folder, "restic"), path.join(tree, "usr/local/bin/restic"));
}
