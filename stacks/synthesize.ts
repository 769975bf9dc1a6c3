import * as path from "node:path";
import { App } from "cdktf";
import { tell } from "../contract/news";

/**
 * Makes an app, has its stacks declared, and writes them. What the lab is refused for is told by its sentence and by
 * the line of your code that it comes from, and the process ends with 1. `CDKTF_HOMELAB_STACK_TRACES=1` shows the whole
 * stack trace.
 */
export function synthesize(declare: (app: App) => void): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100; // the line to be told is behind those of the library
  try {
    const app = new App();
    declare(app);
    app.synth();
  } catch (error) {
    tell(inWords(error));
    process.exitCode = 1;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** A plain error is a sentence for whoever declared the lab; any other one is a mistake in a program. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, name, stack = "" } = error;
  if (name !== "Error" || process.env.CDKTF_HOMELAB_STACK_TRACES === "1") return stack;
  // What is found when all is declared comes from no line: the last one would be that of synthesize() itself.
  const lines = stack.split("\n");
  const declared = lines.slice(
    0,
    lines.findIndex((line) => line.includes(__filename)),
  );
  const where = declared.find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !isOfLibrary(line));
  return where === undefined ? message : `${message}\n${where}`;
}

function isOfLibrary(line: string): boolean {
  const own = ["constructs", "stacks"].map((folder) => path.join(__dirname, "..", folder) + path.sep);
  return /[/\\]node_modules[/\\]|\bnode:/.test(line) || own.some((folder) => line.includes(folder));
}
