import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { terraformEnvironment } from "./programs";
import type { StackJson } from "./synthesis";

/** A stack's scripts as a configuration that needs no provider: Terraform's own resource runs provisioners too. */
export function hostScripts({ variable, resource }: StackJson): any {
  const scripts = Object.entries<any>(resource.null_resource ?? {}).map(([name, { triggers, depends_on, ...body }]) => [
    name,
    {
      ...body,
      triggers_replace: triggers,
      ...(depends_on && { depends_on: depends_on.filter((address: string) => address.startsWith("null_resource.")) }),
    },
  ]);
  return JSON.parse(
    JSON.stringify({ variable, resource: { terraform_data: Object.fromEntries(scripts) } })
      .replaceAll("self.triggers.", "self.triggers_replace.")
      .replaceAll('"null_resource.', '"terraform_data.'),
  );
}

/** Runs Terraform on a document in a folder. */
export class TerraformFolder {
  public constructor(
    public readonly folder: string,
    private readonly variables: () => Readonly<Record<string, string>>,
    private readonly prefix: readonly string[] = [],
  ) {
    fs.mkdirSync(folder, { recursive: true });
  }

  /** Applies a document; the state of the last one is kept. */
  public apply(document: object, ...words: string[]): { status: number | null; said: string } {
    fs.writeFileSync(path.join(this.folder, "main.tf.json"), JSON.stringify(document, null, 2));
    this.run("init", "-input=false");
    return this.run("apply", "-auto-approve", "-input=false", ...words);
  }

  /** Runs any command. */
  public run(...words: string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync("env", [...this.prefix, "terraform", ...words, "-no-color"], {
      cwd: this.folder,
      env: terraformEnvironment(this.variables()),
      maxBuffer: 2 ** 26,
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  }
}
