/** Ends something; the signal is the one that interrupted the work, if one did. */
type End = (signal?: NodeJS.Signals) => Promise<void> | void;

/** Takes what has to be ended, whatever happens; the last one is ended first. */
export type Defer = (end: End) => void;

/** Does some work, and ends what it started: when it is done, when it fails, and when it is interrupted. */
export async function untilEnd<T>(work: (defer: Defer) => Promise<T>): Promise<T> {
  const ends: End[] = [];
  let ending: Promise<void> | undefined;
  const end = (signal?: NodeJS.Signals): Promise<void> => (ending ??= endAll(ends, signal));
  const interrupt = (signal: NodeJS.Signals): void => {
    void end(signal).finally(() => process.exit(128 + (NUMBERS[signal] ?? 0)));
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await work((one) => {
      // What is started while everything ends is ended at once.
      if (ending) void one();
      else ends.push(one);
    });
  } finally {
    await end();
    for (const signal of SIGNALS) process.removeListener(signal, interrupt);
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const NUMBERS: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

async function endAll(ends: End[], signal: NodeJS.Signals | undefined): Promise<void> {
  for (let end = ends.pop(); end; end = ends.pop()) await end(signal);
}
