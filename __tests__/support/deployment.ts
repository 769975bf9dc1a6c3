import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { terraformEnvironment } from "./programs";

/** How a Terraform ended, and everything that it said. */
export interface Said {
  readonly status: number | null;
  readonly said: string;
}

/** A resource that was deployed. */
export interface Resource {
  readonly declared: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A lab that is synthesized and deployed, stack by stack, with states that stay from one deployment to the next. */
export class Deployment {
  /** Everything that any Terraform said. */
  public log = "";

  public constructor(
    private readonly folder: string,
    private readonly variables: Readonly<Record<string, string>>,
    /** Changes the JSON of a stack before Terraform reads it. */
    private readonly change: (document: any) => any = (document) => document,
  ) {}

  /** Synthesizes the lab anew. */
  public synthesize(declare: (app: App) => void): this {
    const out = path.join(this.folder, "out");
    fs.rmSync(out, { recursive: true, force: true });
    fs.mkdirSync(path.join(this.folder, "state"), { recursive: true });
    const before = process.env.CI;
    delete process.env.CI; // its ledger grows, as on a person's machine
    try {
      const app = new App({ outdir: out });
      declare(app);
      app.synth();
    } finally {
      if (before !== undefined) process.env.CI = before;
    }
    for (const name of fs.readdirSync(path.join(out, "stacks"))) {
      const file = path.join(out, "stacks", name, "cdk.tf.json");
      const document = this.change(JSON.parse(fs.readFileSync(file, "utf8")));
      document.terraform.backend = { local: { path: this.stateFile(name) } };
      fs.writeFileSync(file, JSON.stringify(document, null, 2));
    }
    return this;
  }

  /** Deploys a stack. */
  public apply(stack: string, variables: Readonly<Record<string, string>> = {}): Promise<Said> {
    return this.terraform(stack, ["apply", "-auto-approve"], variables);
  }

  /** Plans a stack: status 0 when there is nothing to do, 2 when there is. */
  public plan(stack: string): Promise<Said> {
    return this.terraform(stack, ["plan", "-detailed-exitcode", "-out=plan"]);
  }

  /** The state of a stack, as it lies on the disk. */
  public state(stack: string): string {
    const file = this.stateFile(stack);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  }

  /** The resources of a stack by address: what was declared of each, and what the state has of it. */
  public resources(stack: string): Map<string, Resource> {
    const file = path.join(this.folder, "out", "stacks", stack, "cdk.tf.json");
    const { resource = {} } = JSON.parse(fs.readFileSync(file, "utf8"));
    const { resources = [] } = JSON.parse(this.state(stack) || "{}");
    return new Map(
      resources.map(({ type, name, instances }: any) => [
        `${type}.${name}`,
        { declared: resource[type]?.[name] ?? {}, attributes: instances[0].attributes },
      ]),
    );
  }

  /** The last plan of every stack that has one, as Terraform shows it: the file itself is compressed. */
  public async shownPlans(): Promise<string> {
    const stacks = path.join(this.folder, "out", "stacks");
    const planned = fs.readdirSync(stacks).filter((name) => fs.existsSync(path.join(stacks, name, "plan")));
    if (planned.length === 0) throw new Error("there is no plan to look at");
    const shown: string[] = [];
    for (const name of planned) shown.push((await this.run(name, ["show", "-json", "plan"])).said);
    return shown.join("\n");
  }

  /** Every file of the deployment: JSON, plans and states. */
  public files(): string {
    return fs
      .readdirSync(this.folder, { recursive: true, encoding: "utf8" })
      .map((name) => path.join(this.folder, name))
      .filter((file) => fs.statSync(file).isFile())
      .map((file) => fs.readFileSync(file, "latin1"))
      .join("\n");
  }

  private async terraform(
    stack: string,
    words: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Said> {
    const begun = await this.run(stack, ["init", "-reconfigure", "-input=false"], variables);
    return begun.status === 0 ? this.run(stack, [...words, "-input=false"], variables) : begun;
  }

  /** The providers may be served by this very process: it must not wait idly. */
  private run(
    stack: string,
    words: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Said> {
    const cwd = path.join(this.folder, "out", "stacks", stack);
    const env = terraformEnvironment({ ...this.variables, ...variables });
    return new Promise((resolve, reject) => {
      const child = spawn("terraform", [...words, "-no-color"], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (said += text));
      child.on("error", reject);
      child.on("close", (status) => {
        this.log += said;
        resolve({ status, said });
      });
    });
  }

  private stateFile(stack: string): string {
    return path.join(this.folder, "state", `${stack}.tfstate`);
  }
}
