import {
  Access,
  Backup,
  ConfigFile,
  Content,
  DataFormat,
  Hardening,
  HomelabService,
  Probe,
  Reload,
  Route,
  Volume,
  type Host,
  type Zone,
} from "../constructs";

/** Push notifications for the lab and its people. */
export function ntfy(host: Host, on: { readonly zone: Zone }): HomelabService {
  return new HomelabService(host, "ntfy", {
    image: "docker.io/binwiederhier/ntfy:v2.11.0", // https://github.com/binwiederhier/ntfy/releases
    dataFormat: DataFormat.migrated(),
    port: 8080,
    command: ["serve"],
    health: Probe.command(["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/v1/health"]), // https://docs.ntfy.sh/config/#health-checks
    hardening: Hardening.strict(),
    parts: {
      web: Route.in(on.zone, {
        access: Access.public({
          reason: "phones and scripts sign in with ntfy's own tokens; everything is denied without one",
        }),
      }),
      cache: Volume.at("/var/cache/ntfy"), // https://docs.ntfy.sh/config/#message-cache
      users: Volume.at("/var/lib/ntfy"), // https://docs.ntfy.sh/config/#access-control
      nightly: Backup.nightly({ exclude: { cache: "messages are kept for twelve hours" } }),
    },
    files: ({ web, cache, users }) => ({
      settings: ConfigFile.at(
        "/etc/ntfy/server.yml",
        Content.yaml({
          "base-url": web.url,
          "listen-http": ":8080",
          "cache-file": `${cache.path}/cache.db`,
          "auth-file": `${users.path}/user.db`,
          "auth-default-access": "deny-all",
          "behind-proxy": true,
        }),
        { onChange: Reload.restart() }, // it reads its file at the start only
      ),
    }),
  });
}
