import { requiredProviders, type StackDocument } from "../../offline/providers";
import { StateStore } from "../../offline/state-store";
import { OfflineTerraform } from "../../offline/terraform";
import { PROVIDER_PINS } from "../../stacks";
import type { Machine } from "./with-terraform";

/** A real Terraform with the recorded providers, which keep what they make in the states only. */
export class OfflineMachine implements Machine {
  public static async start(): Promise<OfflineMachine> {
    const states = await StateStore.start();
    try {
      return new OfflineMachine(states, await OfflineTerraform.start(requiredProviders([ALL_PROVIDERS]), { states }));
    } catch (error) {
      await states.close();
      throw error;
    }
  }

  /** It deploys everything. */
  public readonly omitted: readonly string[] = [];
  /** No provider asks a host for anything. */
  public readonly joinsServers = true;

  /** What was applied to each stack last. */
  private readonly applied = new Map<string, string>();

  private constructor(
    private readonly states: StateStore,
    private readonly terraform: OfflineTerraform,
  ) {}

  public async prepare(stack: StackDocument): Promise<void> {
    await this.terraform.prepare(stack);
  }

  public async apply(stack: StackDocument, words: readonly string[]) {
    const whole = JSON.stringify([stack.document, words]);
    // No provider changes anything by itself: the same once more, of histories that have all ended, stays as it is.
    if (this.applied.get(stack.name) !== whole) {
      const { status, stderr } = await this.terraform.run(
        this.terraform.replace(stack),
        ["apply", "-auto-approve", "-refresh=false", "-input=false", "-no-color", "-lock=false", ...words],
        stack.document.variable,
      );
      if (status !== 0) return { said: `${stack.name}: ${stderr.trim()}` };
      this.applied.set(stack.name, whole);
    }
    return { state: this.states.states.get(`/${stack.name}`) ?? '{"resources":[]}' };
  }

  public inspect(): Promise<string[]> {
    return Promise.resolve([]); // there is nothing beside the states
  }

  public async close(): Promise<void> {
    await this.terraform.close();
    await this.states.close();
  }
}

const SOURCES = { docker: "kreuzwerker/docker", null: "hashicorp/null", postgresql: "cyrilgdn/postgresql" } as const;

const ALL_PROVIDERS: StackDocument = {
  name: "all",
  folder: "all",
  document: {
    terraform: {
      required_providers: Object.fromEntries(
        Object.entries(SOURCES).map(([name, source]) => [name, { source, version: PROVIDER_PINS[name] }]),
      ),
    },
  },
};
