import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { withFileLock } from "../constructs/file-lock";
import { quote } from "../constructs/text";
import { temporaryFor } from "../constructs/work-folder";
import type { SecretStore, StoredSecret, WriteSecrets } from "./store";

/** The key of the map with the generations; SOPS leaves what ends so in the clear (`unencrypted_suffix`). */
const GENERATIONS = "generations_unencrypted";

type Tree = { [key: string]: Tree | string };

/**
 * A file encrypted by SOPS 3.11 or newer (https://getsops.io). Values go to and from the program through pipes: none is
 * an argument of a process or lies on a disk in the clear.
 */
export class SopsStore implements SecretStore {
  public readonly isWritable = true;

  public constructor(private readonly file: string) {}

  public get label(): string {
    return this.file;
  }

  public async read(): Promise<Map<string, StoredSecret>> {
    const { [GENERATIONS]: generations = {}, ...tree } = await this.decrypt();
    const known = generations as Readonly<Record<string, unknown>>; // checked where it is used
    return new Map(
      flatten(tree).map(([name, value]) => {
        const generation = known[name];
        return [name, { value, ...(typeof generation === "number" && { generation }) }];
      }),
    );
  }

  public async change<T>(work: (stored: Map<string, StoredSecret>, write: WriteSecrets) => Promise<T>): Promise<T> {
    return withFileLock(this.file, async () => work(await this.read(), (changes) => this.write(changes)));
  }

  private async write(changes: ReadonlyMap<string, Required<StoredSecret>>): Promise<void> {
    await this.checkVersion();
    const document = await this.decrypt();
    const generations = { ...(document[GENERATIONS] as Record<string, unknown> | undefined) };
    const touched = new Set([GENERATIONS]);
    for (const [name, { value, generation }] of changes) {
      put(document as Tree, name.split("."), value, name);
      touched.add(name.split(".")[0] ?? name);
      generations[name] = generation;
    }
    document[GENERATIONS] = Object.fromEntries(Object.entries(generations).sort(([a], [b]) => (a < b ? -1 : 1)));
    // On the same disk, so that the rename is one step: whoever reads sees all of the changes or none.
    // Its name ends as the file's does: SOPS goes by it.
    const next = temporaryFor(this.file);
    try {
      if (fs.existsSync(this.file)) {
        fs.copyFileSync(this.file, next);
        // Branch by branch: SOPS keeps the ciphertext of what did not change, so that a commit shows what did.
        for (const key of touched) await this.sops(["set", "--value-stdin", next, `[${quote(key)}]`], document[key]);
      } else {
        fs.mkdirSync(path.dirname(this.file), { recursive: true });
        const formats = ["--input-type", "json", "--output-type", "yaml", "--filename-override", this.file];
        fs.writeFileSync(next, await this.sops(["encrypt", ...formats], document));
      }
      fs.renameSync(next, this.file);
    } finally {
      fs.rmSync(next, { force: true });
    }
  }

  /** Values go to `sops set` by a pipe, which older versions can't take. */
  private async checkVersion(): Promise<void> {
    const said = await this.sops(["--disable-version-check", "--version"]);
    const [, major = 0, minor = 0] = /^sops (\d+)\.(\d+)/m.exec(said)?.map(Number) ?? [];
    if (major > 3 || (major === 3 && minor >= 11)) return;
    throw new Error(
      `${this.file}: sops must be 3.11 or newer, to which values are handed by a pipe, got ${quote(said.trim().split("\n")[0])}: install a newer one (https://getsops.io)`,
    );
  }

  private async decrypt(): Promise<Record<string, unknown>> {
    if (!fs.existsSync(this.file)) return {};
    const text = await this.sops(["decrypt", "--input-type", "yaml", "--output-type", "json", this.file]);
    return JSON.parse(text) as Record<string, unknown>;
  }

  private sops(words: readonly string[], input?: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn("sops", words, { env: process.env, stdio: ["pipe", "pipe", "pipe"] });
      let said = "";
      let complaint = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
      child.stdin.on("error", () => undefined); // its exit status tells
      child.stdin.end(input === undefined ? "" : JSON.stringify(input));
      child.on("error", () => {
        reject(new Error(`${this.file}: sops can't be run: install it (https://getsops.io), 3.11 or newer`));
      });
      child.on("close", (status) => {
        if (status === 0) resolve(said);
        else reject(new Error(this.explain(complaint)));
      });
    });
  }

  private explain(complaint: string): string {
    const said = complaint.trim().split("\n").slice(0, 3).join(" ");
    if (
      /no matching creation rules|config file not found|could not generate data key|no key/i.test(complaint) &&
      !fs.existsSync(this.file)
    ) {
      return `${this.file} does not exist yet, and SOPS does not know whom to encrypt it to: add a rule for it to .sops.yaml, with the age recipients of all who deploy (age-keygen makes a key). SOPS says: ${said}`;
    }
    if (/Failed to get the data key|no identity matched|failed to load age identities/i.test(complaint)) {
      return `${this.file}: there is no usable key here for ${this.recipients()}: set SOPS_AGE_KEY_FILE to your age key, or have somebody who has one add yours with "sops updatekeys"`;
    }
    return `${this.file}: SOPS says: ${said}`;
  }

  private recipients(): string {
    const document = parse(fs.readFileSync(this.file, "utf8")) as { sops?: { age?: { recipient?: string }[] } } | null;
    const found = (document?.sops?.age ?? []).flatMap(({ recipient }) => recipient ?? []);
    return found.join(", ") || "any of its recipients";
  }
}

function flatten(tree: object, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (typeof value === "object" && value !== null) return flatten(value, name);
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? [[name, String(value)]]
      : [];
  });
}

function put(tree: Tree, keys: readonly string[], value: string, name: string): void {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const branch = (tree[key] ??= {});
  if (typeof branch === "string")
    throw new Error(`the store has a value at ${quote(key)}, below which ${quote(name)} would be: rename one`);
  put(branch, rest, value, name);
}
