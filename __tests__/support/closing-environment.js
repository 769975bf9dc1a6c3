const { TestEnvironment } = require("jest-environment-node");

/**
 * Fails a suite that leaves a server, a program or a timer behind. Without this jest has all results, and waits for it
 * without an end and without the suite's name; with `forceExit` alone nobody would ever hear of it.
 */
module.exports = class ClosingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    /** How long what a suite started may take to end after it, in milliseconds. */
    this.patience = config.projectConfig.testEnvironmentOptions.patience ?? 5000;
  }

  async setup() {
    await super.setup();
    void [process.stdin, process.stdout, process.stderr]; // whoever first asks opens them, and they stay
    this.before = process.getActiveResourcesInfo();
  }

  async handleTestEvent({ name }, { unhandledErrors }) {
    if (name !== "run_finish") return;
    const started = Date.now();
    while (this.leftOpen().length > 0 && Date.now() - started < this.patience)
      await new Promise((resolve) => setTimeout(resolve, 10));
    if (this.leftOpen().length === 0) return;
    const error = new Error(`the suite leaves open: ${this.leftOpen().join(", ")}`);
    error.stack = error.message; // where this is noticed tells nothing
    unhandledErrors.push(error);
  }

  /** The kinds of what keeps the process alive, and did not before the suite. */
  leftOpen() {
    const known = [...this.before];
    return process.getActiveResourcesInfo().filter((kind) => {
      const index = known.indexOf(kind);
      if (index >= 0) known.splice(index, 1);
      return index < 0;
    });
  }
};
