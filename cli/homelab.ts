#!/usr/bin/env node
import { Command } from "commander";
import { colors } from "./colors";
import { addAccess } from "./access";
import { addLedger } from "./ledger";
import { addRetire } from "./retire";
import { addShow } from "./show";

/** The `homelab` command. It reads what a synthesis wrote, not the code. */
export function homelab(): Command {
  const program = new Command("homelab")
    .description("Look at a synthesized lab: its services, their data, who may reach them.")
    .option("--out <folder>", "the folder that cdktf writes", process.env.CDKTF_OUTDIR ?? "cdktf.out")
    .showHelpAfterError();
  for (const add of [addShow, addLedger, addRetire, addAccess]) add(program);
  return program;
}

if (require.main === module) {
  try {
    homelab().parse();
  } catch (error) {
    // Only what a user can't mend shows where it happened.
    process.stderr.write(`${colors.red("homelab:")} ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
