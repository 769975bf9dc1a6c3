import { DATA_LOSS } from "../plan/findings";
import { isEmpty, type PlanReport } from "../plan/model";

/** What a matcher of jest answers. */
export interface Matched {
  /** Whether it holds. */
  readonly pass: boolean;
  /** What is said when the expectation fails, also when it was negated. */
  readonly message: () => string;
}

/** Matchers for plans, as `expect.extend()` takes them: of jest, and of vitest. */
export const planMatchers = {
  /** Nothing is destroyed, and nothing but containers is replaced. */
  toDestroyNothing(plan: PlanReport): Matched {
    const destroyed = plan.resources.filter(({ kind }) => kind === "destroyed" || kind === "replaced");
    return matched(
      destroyed.length === 0,
      "to destroy nothing",
      destroyed.map(({ kind, address, stack }) => `${kind} ${address} of ${stack}`),
    );
  },

  /** Nothing at all changes. */
  toChangeNothing(plan: PlanReport): Matched {
    return matched(
      isEmpty(plan),
      "to change nothing",
      plan.findings.map(({ message }) => message),
    );
  },

  /** These services restart, and no other one does. */
  toRestartOnly(plan: PlanReport, ...services: readonly string[]): Matched {
    const restarted = plan.services.filter(({ restarts }) => restarts.length > 0);
    const names = restarted.map(({ service }) => service);
    const pass = names.length === new Set(services).size && services.every((name) => names.includes(name));
    return matched(
      pass,
      services.length === 0 ? "to restart nothing" : `to restart ${services.join(", ")} and nothing else`,
      restarted.flatMap(({ service, restarts }) =>
        restarts.map(({ container, causes }) => `${service} restarts: ${container}, ${causes.join(", ")}`),
      ),
    );
  },

  /** No data is destroyed, and no service that has data starts on a new, empty place for it. */
  toKeepData(plan: PlanReport): Matched {
    const risky = plan.findings.filter(
      ({ concern, severity }) => concern === "unseen" || (severity === "danger" && DATA_LOSS.includes(concern)),
    );
    return matched(
      risky.length === 0,
      "to keep all data",
      risky.map(({ message }) => message),
    );
  },

  /** An address can be reached by somebody who could not before: a host name, or one with a path. */
  toExpose(plan: PlanReport, address: string): Matched {
    const exposed = plan.access.filter(({ change, after }) => change !== "narrows" && after.length > 0);
    return matched(
      exposed.some((one) => one.address === address),
      `to expose ${address}`,
      exposed.map((one) => `${one.address} ${one.change}: ${one.after.join(", ")}`),
    );
  },
};

function matched(pass: boolean, expected: string, found: readonly string[]): Matched {
  const facts = found.length === 0 ? "it does none of that" : found.map((line) => `  ${line}`).join("\n");
  return { pass, message: () => `expected the plan ${pass ? "not " : ""}${expected}\n${facts}` };
}
