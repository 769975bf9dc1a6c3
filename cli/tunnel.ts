import type { Command } from "commander";
import { tunnelToken } from "../contract/secret-names";
import { CloudflareApi } from "../deploy/cloudflare-api";
import { findHost } from "../deploy/ssh";
import { storeOf } from "../deploy/secret-stores";
import { plainJson } from "../contract/plain";
import { currentLab } from "./lab";
import { UserError } from "../process/user-error";
import { recordValues } from "./secret-state";

/** `homelab tunnel`: what exists once for each tunnel, and that no state may hold. */
export function addTunnel(program: Command): void {
  program
    .command("tunnel")
    .description("make the Cloudflare tunnel of a host")
    .command("create")
    .description("make a tunnel, store its connector's token, and print the id for the inventory")
    .argument("<host>", "the host that it ends at")
    .option("--account <id>", "the Cloudflare account", undefined)
    .addHelpText("after", "\nCLOUDFLARE_API_TOKEN is a token with the right Account / Cloudflare Tunnel / Edit.")
    .action(async (name: string, options: { account?: string }) => {
      const manifest = await currentLab(program);
      findHost(manifest, name);
      const token = process.env.CLOUDFLARE_API_TOKEN;
      if (!token)
        throw new UserError(
          "CLOUDFLARE_API_TOKEN is not set: a token with the right Account / Cloudflare Tunnel / Edit",
        );
      if (!/^[\x21-\x7e]+$/.test(token))
        throw new UserError("CLOUDFLARE_API_TOKEN must be one word of ASCII, and has a space or a line end in it");
      const account = options.account ?? manifest.zones.find(({ accountId }) => accountId !== undefined)?.accountId;
      if (account === undefined)
        throw new UserError("no zone of the lab has an 'accountId': add it to the inventory, or pass --account");
      const store = storeOf(manifest);
      const secret = tunnelToken(name);
      if (!store.isWritable)
        throw new UserError(
          "the lab takes its secrets from the environment: use Secrets.fromSops() to have a tunnel's stored",
        );

      const api = new CloudflareApi(
        account,
        token,
        process.env.CLOUDFLARE_BASE_URL ?? "https://api.cloudflare.com/client/v4",
      );
      const tunnelName = `homelab-${name}`;
      // Read before anything is made: a store that can't be read can't be written.
      const tunnel = await store.change(async (stored, write) => {
        if (stored.has(secret))
          throw new UserError(`${store.label} has ${secret} already: the tunnel of ${name} was made`);
        // Found where an earlier attempt made it and could not store its token.
        const made = (await api.findTunnel(tunnelName)) ?? (await api.createTunnel(tunnelName));
        const value = await api.connectorToken(made.id);
        const generation = manifest.secrets.find((known) => known.name === secret)?.generation ?? 1;
        recordValues(manifest, await write(new Map([[secret, { value, generation }]])));
        return made;
      });
      console.log(`${store.label}: stored ${secret}`);
      console.log(`Tunnel ${tunnelName} is there. In the inventory, give host ${name} this line:`);
      console.log(`  tunnelId: ${plainJson(tunnel.id)},`);
    });
}
