import * as fs from "node:fs";
import * as path from "node:path";
import { installBorgmatic, installRestic } from "./backup-tools";
import { debianArchive } from "./debian-tree";

/** Where an image has the programs that start servers as their official images do. */
export const ENTRYPOINTS = "/usr/local/bin/entrypoints";

const ENTRYPOINT_FILES = path.join(__dirname, "entrypoints");

/** What there is of each release: two, for two major versions of a database. */
const TREES = {
  bookworm: { packages: ["postgresql-15", "mariadb-server", "redis-server"], install: [] },
  trixie: {
    packages: ["postgresql-17", "borgbackup", "openssh-client", "openssh-server", "sqlite3", "acl", "attr"],
    install: [installBorgmatic, installRestic],
  },
} as const;

/** A release of Debian of which there is a tree. */
export type Release = keyof typeof TREES;

/** What no test reads, and a half of all. */
const UNREAD = [
  ...["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"],
  // What packages make for a machine's own servers.
  ...["var/lib/postgresql", "var/lib/mysql", "var/lib/redis"],
];
/** PostgreSQL's compiler of queries, which it does without. */
const COMPILER = /^lib(LLVM|z3)/;

/** The archive of a release's tree; minutes where it is not there yet, nothing after. */
export function programsArchive(release: Release): string {
  const { packages, install } = TREES[release];
  return debianArchive("programs", {
    release,
    variant: "minbase",
    packages: ["ca-certificates", ...packages],
    completion: {
      key: recipes()
        .map((file) => fs.readFileSync(file, "utf8"))
        .join(),
      complete: (tree) => {
        leaveOut(tree);
        for (const name of ["var/lib/postgresql", "data"]) fs.mkdirSync(path.join(tree, name));
        fs.cpSync(ENTRYPOINT_FILES, path.join(tree, ENTRYPOINTS), { recursive: true });
        for (const one of install) one(tree);
      },
    },
  });
}

/** All that says what becomes of a tree when its packages are there. */
function recipes(): string[] {
  const starts = fs.readdirSync(ENTRYPOINT_FILES).map((name) => path.join(ENTRYPOINT_FILES, name));
  return [__filename, path.join(__dirname, "backup-tools.ts"), ...starts];
}

function leaveOut(tree: string): void {
  for (const name of UNREAD) fs.rmSync(path.join(tree, name), { recursive: true, force: true });
  const libraries = path.join(tree, "usr/lib", `${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`);
  for (const name of fs.readdirSync(libraries).filter((one) => COMPILER.test(one)))
    fs.rmSync(path.join(libraries, name));
}
