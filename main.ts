import type { App } from "cdktf";
import { Repository } from "./constructs";
import { config } from "./homelab.config";
import {
  authelia,
  backupAgent,
  cloudflared,
  forgejo,
  homeAssistant,
  jellyfin,
  miniflux,
  ntfy,
  paperless,
  traefik,
  Users,
  vaultwarden,
  vikunja,
  whoami,
} from "./services";
import { Homelab, synthesize, type HomelabConfig, type HomelabOptions } from "./stacks";

/** The example lab: which service runs where, and attaches to what. */
export function exampleLab(app: App, inventory: HomelabConfig = config, options: HomelabOptions = {}): void {
  const lab = new Homelab(app, inventory, options);
  const app01 = lab.host("app-01");
  const edge01 = lab.host("edge-01");
  const media01 = lab.host("media-01");
  const home = lab.zone("example.com");
  const open = lab.zone("example.net");
  const { monitoring } = lab;
  const database = lab.postgres("main");

  const signOn = authelia(app01, {
    zones: [home, open],
    users: Users.file({
      anna: { displayName: "Anna", email: "anna@example.com", groups: ["admins", "developers", "family"] },
      ben: { displayName: "Ben", email: "ben@example.com", groups: ["family"] },
    }),
  });
  for (const host of [app01, edge01, media01]) traefik(host, { zone: home, signOn, email: "admin@example.com" });
  cloudflared(edge01);

  const offsite = Repository.ssh({
    host: "backup.example.org",
    user: "lab",
    path: "backups",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGt5c0Vq9yJ2mB7rQ1wXh4dNfZ8uTe3LkPoSaUiCvGbR",
  });
  backupAgent(app01, { repositories: { disk: Repository.local("/mnt/backup"), offsite } });
  for (const host of [edge01, media01]) backupAgent(host, { repositories: { offsite } });

  whoami(edge01, { zone: open });
  const notifier = ntfy(edge01, { zone: open });
  vaultwarden(edge01, { zone: open, monitoring });
  forgejo(app01, { zone: home, database, monitoring });
  paperless(app01, { zone: home, database, monitoring });
  vikunja(app01, { zone: home, database });
  miniflux(app01, { zone: home, database: lab.postgres("rented"), notifier });
  jellyfin(media01, { zone: home });
  homeAssistant(media01, { zone: home });
}

if (require.main === module) {
  synthesize((app) => exampleLab(app, config, { environment: process.env.HOMELAB_ENVIRONMENT }));
}
