import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import {
  Backup,
  Generations,
  HomelabService,
  Ledger,
  PostgresDatabase,
  Probe,
  SecretFile,
  Secrets,
} from "../../constructs";
import { Homelab } from "../../stacks";
import { inventory } from "./synthesis";

const root = path.join(__dirname, "../..");
const homelab = ["--import", path.join(root, "node_modules/tsx/dist/loader.mjs"), path.join(root, "cli/homelab.ts")];

/** The store of a `SecretLab`. */
export const STORE = "secrets/lab.sops.yaml";
/** The generations of a `SecretLab`. */
export const GENERATIONS = "homelab.secrets.json";

/** A lab in a git repository with an age key, whose one service has a database and a secret of its own. */
export class SecretLab {
  /** The folder. */
  public readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-secret-lab-"));

  /** Makes it, with the lines of a rule of `.sops.yaml`. */
  public constructor(...rule: readonly string[]) {
    execFileSync("age-keygen", ["-o", this.path("key")], { stdio: "ignore" });
    this.git("init", "-q", "-b", "main");
    this.git("config", "user.email", "test@example.org");
    this.git("config", "user.name", "test");
    fs.writeFileSync(this.path(".gitignore"), "key\ncdktf.out\n");
    this.rule(...rule);
    this.synthesize();
  }

  /** Rules for SOPS: one for something else, and one for the store with these lines. */
  public rule(...lines: readonly string[]): void {
    const recipient = execFileSync("age-keygen", ["-y", this.path("key")], { encoding: "utf8" }).trim();
    const rules = [
      "creation_rules:",
      "  - path_regex: other/.*",
      "    encrypted_regex: ^nothing$",
      `    age: ${recipient}`,
      "  - path_regex: secrets/.*\\.sops\\.yaml$",
      ...lines.map((line) => `    ${line}`),
      `    age: ${recipient}`,
    ];
    fs.writeFileSync(this.path(".sops.yaml"), `${rules.join("\n")}\n`);
  }

  /** A path in its folder. */
  public path(name: string): string {
    return path.join(this.folder, name);
  }

  /** A file of it, or undefined. */
  public read(name: string): string | undefined {
    return fs.existsSync(this.path(name)) ? fs.readFileSync(this.path(name), "utf8") : undefined;
  }

  /** Synthesizes it as its generations are now, with or without its service. */
  public synthesize({
    ledger = Ledger.inMemory(),
    hasService = true,
  }: { readonly ledger?: Ledger; readonly hasService?: boolean } = {}): void {
    const before = process.env.CI;
    delete process.env.CI;
    const told = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const app = new App({ outdir: this.path("cdktf.out") });
    const lab = new Homelab(
      app,
      inventory({
        secrets: Secrets.fromSops(STORE),
        generations: Generations.fromFile(this.path(GENERATIONS)),
        ledger,
        monitoring: undefined,
      }),
    );
    if (hasService) this.declare(lab);
    app.synth();
    told.mockRestore();
    if (before !== undefined) process.env.CI = before;
    const manifest = this.read("cdktf.out/homelab.json") ?? "";
    fs.writeFileSync(this.path("cdktf.out/homelab.json"), manifest.replace(this.path(GENERATIONS), GENERATIONS));
  }

  private declare(lab: Homelab): void {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      user: "1000:1000",
      health: Probe.none("test"),
      parts: {
        db: PostgresDatabase.on(lab.postgres("main")),
        none: Backup.none("test"),
        key: SecretFile.generated({ length: 40 }),
      },
      environment: ({ db, key }) => ({ PASSWORD_FILE: db.passwordFile(), KEY_FILE: key.path }),
    });
  }

  /** A stack as it was synthesized last. */
  public stack(name: string): any {
    return JSON.parse(this.read(`cdktf.out/stacks/${name}/cdk.tf.json`) ?? "{}");
  }

  /** Runs `homelab` in it. */
  public run(words: readonly string[], input = "", env: NodeJS.ProcessEnv = {}) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...homelab, ...words], {
      cwd: this.folder,
      encoding: "utf8",
      input,
      env: { ...process.env, SOPS_AGE_KEY_FILE: this.path("key"), ...env },
    });
    return { status, said: stdout + stderr };
  }

  /** Runs SOPS in it. */
  public sops(words: readonly string[], input?: string): string {
    return execFileSync("sops", words, {
      cwd: this.folder,
      encoding: "utf8",
      input,
      env: { ...process.env, SOPS_AGE_KEY_FILE: this.path("key") },
    });
  }

  /** Runs a line of a shell in it. */
  public runShell(line: string): void {
    execFileSync("bash", ["-o", "pipefail", "-c", line], {
      cwd: this.folder,
      env: { ...process.env, SOPS_AGE_KEY_FILE: this.path("key") },
    });
  }

  /** The values of the store. */
  public values(): any {
    return JSON.parse(this.sops(["decrypt", "--output-type", "json", STORE]));
  }

  /** Runs git in it. Returns its exit status. */
  public git(...words: readonly string[]): number | null {
    return spawnSync("git", words, { cwd: this.folder, stdio: "ignore" }).status;
  }

  /** Resolves the conflicts of a file, the first as ours, the next as theirs, and so on. */
  public resolveLines(name: string): void {
    let index = 0;
    const text = (this.read(name) ?? "").replace(
      /^<{7}.*\n([\s\S]*?)^={7}\n([\s\S]*?)^>{7}.*\n/gm,
      (_all, ours: string, theirs: string) => (index++ % 2 === 0 ? ours : theirs),
    );
    fs.writeFileSync(this.path(name), text);
  }

  /** Removes it. */
  public remove(): void {
    fs.rmSync(this.folder, { recursive: true });
  }
}
