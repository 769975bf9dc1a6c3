import * as fs from "node:fs";
import * as path from "node:path";
import { quote } from "../contract/text";
import type { StackDocument } from "../offline/providers";
import { makeTemporaryFolder } from "../offline/temporary-folder";
import { terraformProgram } from "../offline/terraform-program";
import type { Children } from "../process/children";

/** A resource that a state has. */
export interface StateResource {
  /** Its address, `type.name`, with the modules that it is in. */
  readonly address: string;
  /** Its type. */
  readonly type: string;
  /** The attributes of its instances. */
  readonly instances: readonly Readonly<Record<string, unknown>>[];
}

/** A state as Terraform writes it, version 4. */
interface StateFile {
  readonly resources?: readonly {
    readonly module?: string;
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly instances?: readonly { readonly attributes?: Readonly<Record<string, unknown>> | null }[];
  }[];
}

/**
 * What the state of a stack has, or undefined where nothing was deployed yet. Terraform asks the stack's own backend, in a
 * folder that has nothing but that backend: it needs no provider, and the stack's folder stays as it is.
 */
export async function readState(stack: StackDocument, children: Children): Promise<StateResource[] | undefined> {
  const text = await textOf(stack, children);
  if (text === undefined || text.trim() === "") return undefined;
  const { resources = [] } = JSON.parse(text) as StateFile; // Terraform's own
  return resources
    .filter(({ mode }) => mode === "managed")
    .map(({ module, type, name, instances = [] }) => ({
      address: [module, type, name].filter((part) => part !== undefined).join("."),
      type,
      instances: instances.map(({ attributes }) => attributes ?? {}),
    }));
}

async function textOf(stack: StackDocument, children: Children): Promise<string | undefined> {
  const { backend = { local: {} }, cloud } = (stack.document.terraform ?? {}) as Readonly<Record<string, unknown>>;
  const { local, ...others } = backend as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const workspace = workspaceOf(stack.folder);
  if (cloud !== undefined) return pulled(stack.name, { cloud }, workspace, children);
  if (local === undefined) return pulled(stack.name, { backend: others }, workspace, children);
  const file = path.resolve(stack.folder, typeof local.path === "string" ? local.path : "terraform.tfstate");
  if (workspace !== undefined)
    return pulled(stack.name, { backend: { local: { ...local, path: file } } }, workspace, children);
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

/** The workspace that somebody chose for a stack, beside the one that every stack has. */
function workspaceOf(folder: string): string | undefined {
  const file = path.join(folder, ".terraform", "environment");
  const chosen = process.env.TF_WORKSPACE ?? (fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : "");
  return chosen === "" || chosen === "default" ? undefined : chosen;
}

async function pulled(
  stack: string,
  terraform: { readonly cloud?: unknown; readonly backend?: object },
  workspace: string | undefined,
  children: Children,
): Promise<string> {
  const folder = makeTemporaryFolder("state");
  const { TF_DATA_DIR: _data, TF_WORKSPACE: _workspace, ...own } = process.env;
  // The credentials of Terraform's own service are in the user's configuration.
  const isService = "cloud" in terraform || "remote" in (terraform.backend ?? {});
  const env = {
    ...own,
    ...{ CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
    ...(workspace !== undefined && { TF_WORKSPACE: workspace }),
    ...(isService ? {} : { TF_CLI_CONFIG_FILE: path.join(folder, "no-providers.tfrc") }),
  };
  const run = (...words: string[]): ReturnType<Children["run"]> =>
    children.run([terraformProgram(), ...words], { cwd: folder, env });
  try {
    fs.writeFileSync(path.join(folder, "backend.tf.json"), JSON.stringify({ terraform }));
    fs.writeFileSync(path.join(folder, "no-providers.tfrc"), NO_PROVIDERS);
    const begun = await run("init", "-input=false", "-no-color");
    const { status, stdout, stderr } = await run("state", "pull");
    if (status === 0) return stdout;
    const said = (begun.status === 0 ? stderr : begun.stderr).replace(/[\s│╷╵]+/g, " ").trim();
    throw new Error(`the state of stack ${quote(stack)} can't be read: ${said.slice(0, 400)}`);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Terraform installs the providers of a state when it initializes, before it can be asked for the state, and the state
 * needs none: it finds none here, says so, and has its backend all the same.
 */
const NO_PROVIDERS = 'provider_installation {\n  filesystem_mirror {\n    path = "."\n  }\n}\n';
