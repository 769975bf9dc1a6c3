import * as fc from "fast-check";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { AUTHELIA } from "../support/authelia-program";
import { Asking, type Question } from "../support/lab/asking";
import { entriesTo } from "../support/lab/entries";
import { Expectation } from "../support/lab/expectation";
import { EDGE, synthesizeServed } from "../support/lab/fixture";
import { declareGenerated, generatedLab, generatedPaths, PATHS, type GeneratedService } from "../support/lab/generated";
import { ASKERS } from "../support/lab/people";
import { RunningLab } from "../support/lab/running-lab";
import { Namespaces } from "../support/namespaces";
import { missing, suite } from "../support/programs";
import type { Synthesis } from "../support/synthesis";
import { TRAEFIK } from "../support/traefik-program";

const reason =
  missing(["ip", "nft", "nsenter", "setpriv", "chroot"], { root: true }) ??
  Namespaces.missing() ??
  TRAEFIK.missing() ??
  AUTHELIA.missing();

/** How many labs are made, and which: more, and another seed, for a longer look. */
const RUNS = Number(process.env.HOMELAB_LABS ?? 20);
const SEED = Number(process.env.HOMELAB_SEED ?? 12);

/** Labs that nobody thought of, asked for addresses that nobody thought of. */
suite("requests to generated labs", reason, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-requests-"));
  let lab: RunningLab | undefined;
  let asking: Asking;

  beforeAll(async () => {
    lab = await RunningLab.start(
      synthesizeServed((made) => declareGenerated(made, made.zone("example.com"), [])),
      folder,
      { isExchanged: true },
    );
    asking = await Asking.in(lab, EDGE.lanAddress);
  }, 1_200_000);
  afterAll(async () => {
    await lab?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test("whoever passes by the reports passes, and nobody else", async () => {
    const counted = { labs: 0, refused: 0, requests: 0, passed: 0 };
    const property = fc.asyncProperty(generatedLab, generatedPaths, async (services, more) => {
      const made = declared(services);
      counted.refused += made === undefined ? 1 : 0;
      fc.pre(made !== undefined);
      await lab?.use(made);
      const said = new Expectation(made);
      const names = made.manifest.services.flatMap(({ routes }) => routes.flatMap((route) => route.hosts));
      const hosts = new Set([
        ...names,
        ...services.flatMap(({ label }) => (label ? [`${label.name}.example.com`] : [])),
      ]);
      const questions = [...hosts]
        .filter((host) => !/^(always|auth|traefik)-?/.test(host))
        .flatMap((host) => ["/", ...PATHS, ...more].flatMap((at) => ways(made, host, at)));

      const answers = await asking.all(questions);

      counted.labs++;
      counted.requests += answers.length;
      counted.passed += answers.filter(([, { service }]) => service !== undefined).length;
      expect(answers.flatMap(([question, outcome]) => said.contradiction(question, outcome))).toEqual([]);
    });

    try {
      await fc.assert(property, {
        numRuns: RUNS,
        maxSkipsPerRun: 100,
        interruptAfterTimeLimit: 300_000, // else it makes a failing lab smaller for an hour
        markInterruptAsFailure: true,
        seed: SEED,
      });
    } finally {
      process.stdout.write(`generated labs: ${JSON.stringify(counted)}\n`);
    }
    expect(counted.passed).toBeGreaterThan(counted.requests / 20);
    expect(counted.requests - counted.passed).toBeGreaterThan(counted.requests / 20);
  }, 600_000);
});

function ways(made: Synthesis, host: string, at: string): Question[] {
  return entriesTo(made, host, at)
    .filter(({ name }) => /^(internet|LAN)$/.test(name))
    .flatMap((entry) => ASKERS.map((asker) => ({ asker, host, path: at, entry })));
}

/** The lab, or nothing where the library refuses it: `bypass()` of one route would open a path of another one. */
function declared(services: readonly GeneratedService[]): Synthesis | undefined {
  try {
    return synthesizeServed((lab) => declareGenerated(lab, lab.zone("example.com"), services));
  } catch (error) {
    if (/bypass\(\) opens/.test((error as Error).message)) return undefined;
    throw error;
  }
}
