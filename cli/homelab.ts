#!/usr/bin/env node
import { Command } from "commander";
import { colors } from "./colors";
import { addAccess } from "./access";
import { addBackup } from "./backup";
import { addBootstrap } from "./bootstrap";
import { defaultFolder } from "./lab";
import { addExposure } from "./exposure";
import { addFiles } from "./files";
import { addLedger } from "./ledger";
import { addOffline } from "./offline";
import { addPlan } from "./plan";
import { addRestore } from "./restore";
import { addRetire } from "./retire";
import { addRun } from "./run";
import { plainLines } from "../contract/plain";
import { addSecrets } from "./secrets";
import { addShow } from "./show";
import { addTunnel } from "./tunnel";

/** The `homelab` command. It reads what a synthesis wrote, and has it written again where the code is newer. */
export function homelab(): Command {
  const program = new Command("homelab")
    .description("Look at a synthesized lab, plan its changes, keep its secrets, prepare its hosts.")
    .option("--out <folder>", "a folder that cdktf wrote, read as it is", defaultFolder())
    .option("--no-synth", "read what was synthesized last, also where the code is newer")
    .showHelpAfterError();
  for (const add of [
    addShow,
    addLedger,
    addRestore,
    addRetire,
    addAccess,
    addBackup,
    addBootstrap,
    addExposure,
    addFiles,
    addOffline,
    addPlan,
    addRun,
    addSecrets,
    addTunnel,
  ])
    add(program);
  return program;
}

/** What is said of a command that failed. What another program said is below its first line, and looks like nothing else. */
export function complaint(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${colors.red("homelab:")} ${plainLines(message).replaceAll("\n", "\n  ")}\n`;
}

if (require.main === module) {
  homelab()
    .parseAsync()
    .catch((error: unknown) => {
      process.stderr.write(complaint(error));
      process.exitCode = 1;
    });
}
