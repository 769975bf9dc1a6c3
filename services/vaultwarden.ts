import {
  Access,
  Backup,
  DataFormat,
  HomelabService,
  Probe,
  Route,
  SecretFile,
  UptimeMonitor,
  Volume,
  type Host,
  type Monitoring,
  type Zone,
} from "../constructs";

/** A password store for the clients of Bitwarden. Its admin page is behind the sign-on, the rest can't be. */
export function vaultwarden(host: Host, on: { readonly zone: Zone; readonly monitoring: Monitoring }): HomelabService {
  return new HomelabService(host, "vaultwarden", {
    image: "docker.io/vaultwarden/server:1.32.7", // https://github.com/dani-garcia/vaultwarden/releases
    dataFormat: DataFormat.migrated(),
    port: 80, // https://github.com/dani-garcia/vaultwarden/wiki/Starting-a-Container
    fileOwner: "0:0", // the image runs as root unless told otherwise
    health: Probe.http("/alive"), // https://github.com/dani-garcia/vaultwarden/blob/main/docker/healthcheck.sh
    parts: {
      web: Route.in(on.zone, {
        label: "vault",
        access: Access.public({
          reason:
            "the apps of phones and browsers can't pass a sign-on; the vault is encrypted by its owner's password",
        }),
      }),
      admin: Route.in(on.zone, { label: "vault", paths: ["/admin"], access: Access.twoFactor("group:admins") }),
      data: Volume.at("/data"), // https://github.com/dani-garcia/vaultwarden/wiki/Starting-a-Container
      adminToken: SecretFile.generated({ length: 48 }),
      nightly: Backup.nightly({ at: "03:00", keep: { daily: 14, weekly: 8, monthly: 12, yearly: 2 } }),
      uptime: UptimeMonitor.keyword(on.monitoring, "Vaultwarden", { path: "/", notifications: ["ntfy"] }),
    },
    // https://github.com/dani-garcia/vaultwarden/blob/main/.env.template; each variable also as *_FILE
    environment: ({ web, adminToken }) => ({
      DOMAIN: web.url,
      ADMIN_TOKEN_FILE: adminToken.path,
      SIGNUPS_ALLOWED: false,
    }),
  });
}
