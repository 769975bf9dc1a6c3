import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { HISTORIES, shrink, told } from "../histories/drawn";
import { OfflineMachine } from "../histories/offline-machine";
import { play } from "../histories/play";
import type { Step } from "../histories/steps";
import { RealMachine } from "../histories/real-machine";
import { NOWHERE, type Inventory } from "../histories/synthesis";
import { deployTogether, type Bundled, type Machine } from "../histories/with-terraform";
import { engineFolder } from "../support/engine";
import { missing, suite } from "../support/programs";
import { IS_REAL, providersUnderTest } from "../support/providers-under-test";

const COUNT = Number(process.env.HOMELAB_HISTORIES ?? 500);
/**
 * How many share one lab: a second of each deployment goes into what does not depend on their number, and those that
 * have ended are planned again for as long as another one goes on.
 */
const TOGETHER = 50;
const SEED = Number(process.env.HOMELAB_SEED ?? 13);

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-histories-"));
  jest.spyOn(process.stderr, "write").mockReturnValue(true); // each synthesis says what it added to the ledger
});
afterAll(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

/** A history with names of its own. */
interface Played extends Bundled {
  readonly steps: Step[];
}

function draw(count: number, inventory: Inventory): Played[] {
  return fc.sample(HISTORIES, { numRuns: count, seed: SEED }).map((steps, index) => {
    const prefix = `h${index}-`;
    const { broken, ...played } = play(steps, folder, prefix, inventory);
    if (broken !== undefined) throw new Error(told(steps, { ...played, broken }));
    return { ...played, steps, prefix };
  });
}

/** Deploys histories; of one that fails it says the least that does. */
async function deploy(
  histories: readonly Played[],
  start: () => Promise<Machine>,
  inventory: Inventory,
): Promise<void> {
  const alone = async (bundled: readonly Bundled[]): Promise<string[]> => {
    const machine = await start();
    return deployTogether(bundled, machine).finally(() => machine.close());
  };
  const wrong = await alone(histories);
  if (wrong.length === 0) return;
  const text = wrong.slice(0, 20).join("\n");
  const [failed] = histories.filter(({ prefix }) => new RegExp(`\\b${prefix.slice(0, -1)}[-_]`).test(text));
  if (!failed) throw new Error(text);
  const { prefix } = failed;
  const fails = async (steps: readonly Step[]): Promise<boolean> =>
    (await alone([{ prefix, ...play(steps, folder, prefix, inventory) }])).length > 0;
  const least = await shrink(failed.steps, fails);
  throw new Error(`${told(least, play(least, folder, prefix, inventory))}\n${text}`);
}

suite("histories that a real Terraform deploys", missing(["terraform"]), () => {
  jest.setTimeout(600_000);

  test("end in the states that the model says, so that what holds there holds here", async () => {
    // Those of one environment that are deployed as often share a lab.
    const isStaging = ({ steps: [first] }: Played): number => Number(first?.do === "stage");
    const histories = draw(COUNT, NOWHERE).sort(
      (one, other) => isStaging(one) - isStaging(other) || one.deployments.length - other.deployments.length,
    );

    for (let first = 0; first < histories.length; first += TOGETHER)
      await deploy(histories.slice(first, first + TOGETHER), OfflineMachine.start, NOWHERE);

    const deployments = histories.reduce((sum, one) => sum + one.deployments.length, 0);
    process.stdout.write(`${histories.length} histories with ${deployments} deployments\n`);
    expect(deployments).toBeGreaterThan(COUNT);
  });

  test("fail to begin without a Terraform, and leave no store of states open", async () => {
    const { TERRAFORM_BINARY_NAME: program } = process.env;
    process.env.TERRAFORM_BINARY_NAME = "no-such-program";
    try {
      await expect(OfflineMachine.start()).rejects.toThrow("no-such-program can't be run");
    } finally {
      if (program === undefined) delete process.env.TERRAFORM_BINARY_NAME;
      else process.env.TERRAFORM_BINARY_NAME = program;
    }
  });
});

// Two minutes of two engines and two databases: run by hand when something changes that holds data.
const NOT_NOW = process.env.HOMELAB_REAL_HISTORIES === undefined ? "HOMELAB_REAL_HISTORIES is not set" : undefined;
const NO_PROVIDERS = IS_REAL ? undefined : "Terraform can install no providers here";

suite(
  "histories on real engines and databases",
  NOT_NOW ?? missing(["terraform"]) ?? NO_PROVIDERS ?? RealMachine.missing(),
  () => {
    jest.setTimeout(3_600_000);

    test("keep every row and every file", async () => {
      process.stdout.write(`${providersUnderTest()}\n`);
      const place = engineFolder();
      const machine = await RealMachine.start(place);
      try {
        const histories = draw(Number(process.env.HOMELAB_REAL_HISTORIES), machine.inventory);

        expect(await deployTogether(histories, machine)).toEqual([]);
        const deployments = histories.reduce((sum, one) => sum + one.deployments.length, 0);
        process.stdout.write(`${histories.length} histories with ${deployments} deployments\n`);
      } finally {
        await machine.close();
        fs.rmSync(place, { recursive: true, force: true });
      }
    });
  },
);
