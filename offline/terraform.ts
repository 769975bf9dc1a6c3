import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { FIXTURES_FILE, readFixtures } from "./fixtures";
import { mapResources, recordingsFolder, type StackDocument } from "./providers";
import { startServer, type OfflineServer } from "./server";
import type { StateStore } from "./state-store";
import { makeTemporaryFolder } from "./temporary-folder";
import { checkTerraform, terraformProgram } from "./terraform-program";

/** What a command printed, and how it ended. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Terraform attached to recorded providers, for synthesized stacks. Ends without a trace, also when it is interrupted. */
export class OfflineTerraform {
  /** Starts providers, given their versions by `namespace/name`; with `states` stacks can be applied. */
  public static async start(
    providers: Readonly<Record<string, string>>,
    options: { readonly states?: StateStore } = {},
  ): Promise<OfflineTerraform> {
    checkTerraform();
    const server = await startServer({
      recordings: recordingsFolder(),
      providers,
      fixtures: readFixtures(FIXTURES_FILE),
      apply: options.states !== undefined,
    });
    return new OfflineTerraform(server, options.states);
  }

  private readonly folder = makeTemporaryFolder("plan");
  private readonly children = new Set<ChildProcess>();
  private readonly removeFolder = (): void => fs.rmSync(this.folder, { recursive: true, force: true });

  private constructor(
    private readonly server: OfflineServer,
    /** Where states are kept when stacks are applied. */
    private readonly store: StateStore | undefined,
  ) {
    process.once("exit", this.removeFolder);
  }

  /** A copy of a stack that keeps its state to itself, ready to be planned, and applied where that was asked for. */
  public async prepare(stack: StackDocument): Promise<string> {
    const { name, document } = stack;
    const folder = this.replace(stack);
    const { status, stderr } = await this.run(
      folder,
      ["init", "-input=false", "-reconfigure", "-no-color"],
      document.variable,
    );
    if (status !== 0) throw new Error(`stack ${JSON.stringify(name)} can't be initialized: ${stderr.trim()}`);
    return folder;
  }

  /** Puts a stack into the folder of the one that was prepared under its name, whose providers it has, and its state. */
  public replace({ name, document }: StackDocument): string {
    const folder = path.join(this.folder, name);
    fs.mkdirSync(folder, { recursive: true });
    const { backend: _backend, ...terraform } = document.terraform ?? {};
    const copy = this.store
      ? { ...withoutProvisioners(document), terraform: { ...terraform, backend: this.store.backend(name) } }
      : { ...document, terraform };
    // Indented: Terraform quotes the line of an error.
    fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify(copy, null, 2));
    return folder;
  }

  /** Runs Terraform in a folder. Variables without a default get a value that is made up. */
  public run(
    cwd: string,
    words: readonly string[],
    variables: StackDocument["document"]["variable"] = {},
  ): Promise<Finished> {
    const env = { ...offlineEnvironment(this.server), ...madeUpVariables(variables) };
    return new Promise((resolve, reject) => {
      const child = spawn(terraformProgram(), words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
      this.children.add(child);
      const output = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
      child.on("error", reject);
      child.on("close", (code) => {
        this.children.delete(child);
        resolve({ status: code ?? 1, ...output });
      });
    });
  }

  /** Runs any command with the providers attached, on the user's own terminal. Returns its exit status. */
  public passThrough(command: string, words: readonly string[], stacks: readonly StackDocument[]): Promise<number> {
    const variables = Object.assign(
      {},
      ...stacks.map(({ document }) => madeUpVariables(document.variable)),
    ) as NodeJS.ProcessEnv;
    return new Promise((resolve, reject) => {
      const child = spawn(command, words, {
        env: { ...variables, ...offlineEnvironment(this.server) },
        stdio: "inherit",
      });
      this.children.add(child);
      child.on("error", () => reject(new Error(`${JSON.stringify(command)} can't be run: is it installed?`)));
      child.on("close", (code) => {
        this.children.delete(child);
        resolve(code ?? 1);
      });
    });
  }

  /** Ends everything and removes what was written. */
  public async close(): Promise<void> {
    for (const child of this.children) child.kill("SIGTERM");
    await Promise.all([...this.children].map((child) => new Promise((resolve) => child.once("close", resolve))));
    await this.server.close();
    this.removeFolder();
    process.removeListener("exit", this.removeFolder);
  }
}

/** Provisioners run on every apply, and would reach real hosts. */
function withoutProvisioners(document: StackDocument["document"]): StackDocument["document"] {
  return mapResources(document, ({ provisioner: _provisioner, connection: _connection, ...body }) => body);
}

function offlineEnvironment(server: OfflineServer): NodeJS.ProcessEnv {
  const { TF_CLI_CONFIG_FILE: _config, ...environment } = process.env;
  return {
    ...environment,
    TF_REATTACH_PROVIDERS: server.reattach,
    CHECKPOINT_DISABLE: "1",
    CDKTF_SKIP_PROVIDER_LOCK: "true",
    TF_IN_AUTOMATION: "1",
  };
}

/** A value for each variable that has none: what is planned here is never applied. */
function madeUpVariables(variables: StackDocument["document"]["variable"] = {}): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, variable]) =>
      variable.default === undefined ? [[`TF_VAR_${name}`, "offline"]] : [],
    ),
  );
}
