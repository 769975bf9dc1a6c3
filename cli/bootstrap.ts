import type { Command } from "commander";
import { bootstrapScript } from "../deploy/bootstrap-script";
import { findHost, runOnHost } from "../deploy/ssh";
import { plainLines } from "../contract/plain";
import { currentLab } from "./lab";
import { UserError } from "../process/user-error";

/** `homelab bootstrap`: from a fresh Debian machine to a host that the stacks can deploy to. */
export function addBootstrap(program: Command): void {
  program
    .command("bootstrap")
    .description("make a fresh Debian 12 or 13 machine a host that the stacks can deploy to; again at any time")
    .argument("<host>", "name of a host")
    .option("--print", "print the script, and run nothing")
    .option("--check", "change nothing, and exit with 1 when something is not as it should be")
    .option("--user <user>", "who logs in: root, or somebody with sudo", "root")
    .action(async (name: string, options: { print?: boolean; check?: boolean; user: string }) => {
      const host = findHost(await currentLab(program), name);
      const script = bootstrapScript(host);
      if (options.print) {
        // As it is where a shell reads it; on a terminal it is to be looked at.
        process.stdout.write(process.stdout.isTTY ? plainLines(script) : script);
        return;
      }
      const { status, printed } = await runOnHost(host, (options.check ? "HOMELAB_CHECK=1\n" : "") + script, {
        user: options.user,
        expected: options.check ? [0, 3] : [0],
        onOutput: (text) => process.stdout.write(plainLines(text)),
      });
      if (status === 3) {
        const rest = printed.includes(", by hand: ") ? ", and you by hand, where a line says so" : "";
        throw new UserError(`${name} is not as it should be: npx homelab bootstrap ${name} makes it so${rest}`);
      }
      console.log(options.check ? `${name} is as it should be` : `${name} is ready for deployments`);
    });
}
