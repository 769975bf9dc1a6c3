import * as fs from "node:fs";
import * as path from "node:path";
import { exitCodeOf, GATES, isShut } from "../../plan/findings";
import { planAsMarkdown } from "../../plan/markdown";
import { offlinePlan, type PlanReport } from "../../testing";
import type { Change } from "../support/changes";
import { missing, suite } from "../support/programs";

const folder = path.join(__dirname, "../changes");
const subjects = fs.readdirSync(folder).map((file): readonly [string, readonly Change[]] => {
  const { rows } = jest.requireActual<{ readonly rows: readonly Change[] }>(path.join(folder, file));
  return [path.basename(file, ".ts"), rows];
});

/** Plans are waited for together, two at a time: a Terraform uses a core. */
class Plans {
  private readonly plans = new Map<Change, Promise<PlanReport>>();
  private readonly workers: Promise<void>[] = [Promise.resolve(), Promise.resolve()];

  public constructor(private readonly changes: readonly Change[]) {}

  /** Starts with the first that is asked for, so that a single test plans little more than itself. */
  public of(change: Change): Promise<PlanReport> {
    const from = this.changes.indexOf(change);
    for (const next of this.changes.slice(from, from + 4)) if (!this.plans.has(next)) this.start(next);
    return this.plans.get(change) ?? Promise.reject(new Error(`${change.name} is no row`));
  }

  private start(change: Change): void {
    const [worker = Promise.resolve()] = this.workers.splice(0, 1);
    const plan = worker.then(() => offlinePlan(change.head, { base: change.base }));
    this.plans.set(change, plan);
    this.workers.push(
      plan.then(
        () => undefined,
        () => undefined,
      ),
    );
  }
}

suite("the table of changes", missing(["terraform"]), () => {
  const plans = new Plans(subjects.flatMap(([, rows]) => rows));

  test.each(subjects.flatMap(([subject, rows]) => rows.map((row) => [subject, row.name, row] as const)))(
    "%s: %s",
    async (_subject, _name, row) => {
      const report = await plans.of(row);

      const { findings, headline } = report;
      const shut = GATES.filter((gate) => isShut(gate, findings));
      const found = { firstLine: headline, exitCode: exitCodeOf(findings), failsOn: shut };
      expect(found).toEqual({
        firstLine: typeof row.firstLine === "string" ? row.firstLine : expect.stringMatching(row.firstLine),
        exitCode: row.exitCode,
        failsOn: GATES.filter((gate) => (gate === "any" ? row.failsOn.length > 0 : row.failsOn.includes(gate))),
      });
      expect(planAsMarkdown(report).length).toBeLessThan(65_536);
    },
  );
});
