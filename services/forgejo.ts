import {
  Access,
  Backup,
  DataFormat,
  Duration,
  Heartbeat,
  HomelabService,
  Job,
  Port,
  PostgresDatabase,
  Probe,
  Route,
  SecretFile,
  UptimeMonitor,
  Volume,
  type Host,
  type Monitoring,
  type PostgresServer,
  type Zone,
} from "../constructs";

/** A software forge. Git over HTTP and the API have tokens of their own and pass the sign-on. */
export function forgejo(
  host: Host,
  on: { readonly zone: Zone; readonly database: PostgresServer; readonly monitoring: Monitoring },
): HomelabService {
  return new HomelabService(host, "forgejo", {
    image: "codeberg.org/forgejo/forgejo:9.0.3", // https://codeberg.org/forgejo/forgejo/releases
    dataFormat: DataFormat.migrated(),
    port: 3000, // https://forgejo.org/docs/latest/admin/config-cheat-sheet/#server-server, HTTP_PORT
    fileOwner: "0:0", // https://forgejo.org/docs/latest/admin/installation-docker/: the entry point starts as root and reads the *__FILE variables
    health: Probe.http("/api/healthz"), // https://forgejo.org/docs/latest/admin/setup/#health-check-endpoint
    stopGracePeriod: Duration.minutes(1),
    parts: {
      web: Route.in(on.zone, {
        label: "git",
        access: Access.twoFactor("group:developers").bypass(["/api", "/v2"], {
          reason: "clients of the API and of the container registry have tokens of Forgejo's own",
        }),
      }),
      ssh: Port.publish(22, { as: 2222 }), // https://forgejo.org/docs/latest/admin/config-cheat-sheet/#server-server, SSH_PORT
      db: PostgresDatabase.on(on.database),
      data: Volume.at("/data", { owner: "1000:1000" }), // https://forgejo.org/docs/latest/admin/installation-docker/
      secretKey: SecretFile.generated({ length: 64 }),
      cleanup: Job.cron("30 4 * * 0", { command: ["forgejo", "manager", "flush-queues"], user: "1000" }),
      alive: Heartbeat.every(Duration.days(7), { on: on.monitoring }),
      nightly: Backup.nightly({ at: "02:15" }),
      uptime: UptimeMonitor.http(on.monitoring, { notifications: ["ntfy"] }),
    },
    // https://forgejo.org/docs/latest/admin/installation-docker/#configuration: FORGEJO__section__KEY, with __FILE for a file
    environment: ({ web, ssh, db, secretKey }) => ({
      USER_UID: 1000,
      USER_GID: 1000,
      FORGEJO__server__ROOT_URL: `${web.url}/`,
      FORGEJO__server__SSH_DOMAIN: ssh.host,
      FORGEJO__server__SSH_PORT: ssh.port,
      FORGEJO__database__DB_TYPE: "postgres",
      FORGEJO__database__HOST: `${db.host}:${db.port}`,
      FORGEJO__database__NAME: db.name,
      FORGEJO__database__USER: db.user,
      FORGEJO__database__PASSWD__FILE: db.passwordFile(),
      FORGEJO__security__SECRET_KEY__FILE: secretKey.path,
      FORGEJO__security__INSTALL_LOCK: true,
    }),
  });
}
