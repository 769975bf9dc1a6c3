import { isatty } from "node:tty";
import { createColors } from "picocolors";

/** Colours on a terminal only: not in a pipe, not in a log, not where `NO_COLOR` is set (no-color.org). */
export const colors = createColors(isatty(1) && !process.env.NO_COLOR);
