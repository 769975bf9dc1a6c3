import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { withFileLock } from "../contract/file-lock";
import { quote, shellWord } from "../contract/text";
import { temporaryFor } from "../contract/work-folder";
import { plain } from "../contract/plain";
import { fingerprintOf, newFingerprint } from "./fingerprint";
import { FINGERPRINT_KEYS, FINGERPRINTS, GENERATIONS, leaves, readSopsText, type SopsText } from "./sops-file";
import { whyInTheClear } from "./sops-rules";
import type { NewSecret, SecretStore, StoredSecret, WriteSecrets, WrittenSecret } from "./store";
import { withoutSecrets } from "./without-secrets";

type Tree = { [key: string]: Tree | string };

/** A store as whoever has a key reads it: the values, and the maps of its own. */
interface Decrypted {
  readonly values: Tree;
  readonly generations: Record<string, unknown>;
  readonly fingerprints: Record<string, unknown>;
  readonly keys: Record<string, unknown>;
}

/**
 * A file encrypted by SOPS 3.11 or newer (https://getsops.io). Values go to and from the program through pipes: none is
 * an argument of a process or lies on a disk in the clear.
 */
export class SopsStore implements SecretStore {
  public readonly isWritable = true;

  public constructor(private readonly file: string) {}

  public get label(): string {
    return plain(this.file);
  }

  public async read(): Promise<Map<string, StoredSecret>> {
    const { values, generations, fingerprints, keys } = await this.decrypt();
    const text = this.text();
    return new Map(
      leaves(values).map(([name, value]): [string, StoredSecret] => {
        const { [name]: generation } = generations;
        const { [name]: fingerprint } = fingerprints;
        const { [name]: key } = keys;
        const isAltered =
          typeof fingerprint === "string" &&
          (typeof key !== "string" || fingerprintOf(key, name, value) !== fingerprint);
        const flaw = text?.inTheClear.has(name) ? "in the clear" : isAltered ? "altered" : undefined;
        return [
          name,
          {
            value,
            ...(typeof generation === "number" && { generation }),
            ...(typeof fingerprint === "string" && { fingerprint }),
            ...(flaw && { flaw }),
          },
        ];
      }),
    );
  }

  public async change<T>(work: (stored: Map<string, StoredSecret>, write: WriteSecrets) => Promise<T>): Promise<T> {
    return withFileLock(this.file, async () => work(await this.read(), (changes) => this.write(changes)));
  }

  public explainFlaw(): string {
    const text = this.text();
    return text ? whyInTheClear(this.file, text) : "";
  }

  public removal(name: string): string {
    const path = name.split(".").map((step) => `[${quote(step)}]`);
    return `sops unset ${shellWord(this.file)} ${shellWord(path.join(""))}`;
  }

  private async write(changes: ReadonlyMap<string, NewSecret>): Promise<Map<string, WrittenSecret>> {
    await this.checkVersion();
    const { values, generations, fingerprints, keys } = await this.decrypt();
    const written = new Map<string, WrittenSecret>();
    for (const [name, { value, generation }] of changes) {
      put(values, name.split("."), value, name);
      const { key, fingerprint } = newFingerprint(name, value);
      [generations[name], fingerprints[name], keys[name]] = [generation, fingerprint, key];
      written.set(name, { generation, fingerprint });
    }
    const document: Record<string, unknown> = {
      ...values,
      [GENERATIONS]: sorted(generations),
      [FINGERPRINTS]: sorted(fingerprints),
      [FINGERPRINT_KEYS]: sorted(keys),
    };
    const touched = new Set([...changes.keys()].map((name) => name.split(".")[0] ?? name));
    // On the same disk, so that the rename is one step: whoever reads sees all of the changes or none.
    // Its name ends as the file's does: SOPS goes by it.
    const next = temporaryFor(this.file);
    try {
      if (fs.existsSync(this.file)) {
        fs.copyFileSync(this.file, next);
        // Branch by branch: SOPS keeps the ciphertext of what did not change, so that a commit shows what did.
        for (const key of [GENERATIONS, FINGERPRINTS, FINGERPRINT_KEYS, ...touched])
          await this.sops(["set", "--value-stdin", next, `[${quote(key)}]`], document[key]);
      } else {
        fs.mkdirSync(path.dirname(this.file), { recursive: true });
        const formats = ["--input-type", "json", "--output-type", "yaml", "--filename-override", this.file];
        fs.writeFileSync(next, await this.sops(["encrypt", ...formats], document));
      }
      this.refuseClear(readSopsText(this.file, fs.readFileSync(next, "utf8")), changes);
      fs.renameSync(next, this.file);
    } finally {
      fs.rmSync(next, { force: true });
    }
    return written;
  }

  /** A rule of SOPS may leave in the clear what was to be encrypted, and SOPS says nothing. */
  private refuseClear(text: SopsText, changes: ReadonlyMap<string, unknown>): void {
    const clear = [...text.inTheClear.keys()].map((name) =>
      name.startsWith(`${FINGERPRINT_KEYS}.`) ? FINGERPRINT_KEYS : name,
    );
    const wrong = [...new Set(clear)].filter((name) => name === FINGERPRINT_KEYS || changes.has(name));
    if (wrong.length === 0) return;
    throw new Error(
      `${this.file}: nothing was stored, since SOPS leaves ${wrong.join(", ")} in the clear, ${whyInTheClear(this.file, text)}`,
    );
  }

  /** The file as everybody reads it; undefined where there is none. */
  private text(): SopsText | undefined {
    return fs.existsSync(this.file) ? readSopsText(this.file, fs.readFileSync(this.file, "utf8")) : undefined;
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

  private async decrypt(): Promise<Decrypted> {
    if (this.text() === undefined) return { values: {}, generations: {}, fingerprints: {}, keys: {} };
    const said = await this.sops(["decrypt", "--input-type", "yaml", "--output-type", "json", this.file]);
    let document: Record<string, unknown>;
    try {
      document = JSON.parse(said) as Record<string, unknown>;
    } catch {
      // Its message would have what could not be read.
      throw new Error(`${this.file}: what SOPS decrypts of it is not JSON: restore the file from version control`);
    }
    const { [GENERATIONS]: generations, [FINGERPRINTS]: fingerprints, [FINGERPRINT_KEYS]: keys, ...values } = document;
    const copy = (map: unknown): Record<string, unknown> => ({ ...(map as Record<string, unknown> | undefined) });
    return {
      values: values as Tree, // what is no text in it, nobody asks for
      generations: copy(generations),
      fingerprints: copy(fingerprints),
      keys: copy(keys),
    };
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
        else reject(this.failure(complaint));
      });
    });
  }

  private failure(complaint: string): Error {
    try {
      return new Error(this.explain(complaint));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error)); // the file is not even YAML
    }
  }

  private explain(complaint: string): string {
    const text = this.text();
    // SOPS quotes what it can't decrypt.
    const said = withoutSecrets(complaint.trim().split("\n").slice(0, 3).join(" "), text?.inTheClear.values() ?? []);
    if (text && /does not match sops' data format/i.test(complaint)) {
      const names = [...text.inTheClear.keys()].join(", ");
      return `${this.file}: ${names} ${text.inTheClear.size === 1 ? "was" : "were"} written into it by hand, in the clear, and SOPS can't read the file: remove the lines, and enter the values with "homelab secrets set", new ones if they were committed`;
    }
    if (text && /MAC mismatch|message authentication/i.test(complaint)) {
      return `${this.file}: it is not as SOPS wrote it, which a merge line by line does: take the whole file of one commit, and give the secrets that another one changed new values with "homelab secrets rotate"`;
    }
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
    const { age } = this.text()?.sops ?? {};
    const all = Array.isArray(age) ? (age as { readonly recipient?: string }[]) : [];
    return all.flatMap(({ recipient }) => recipient ?? []).join(", ") || "any of its recipients";
  }
}

function sorted(map: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
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
