import {
  Access,
  Backup,
  Companion,
  DataFormat,
  HomelabService,
  HostPath,
  PostgresDatabase,
  Probe,
  Route,
  SecretFile,
  Size,
  UptimeMonitor,
  Volume,
  type Host,
  type Monitoring,
  type PostgresServer,
  type Zone,
} from "../constructs";

/** Paperless-ngx: scanned documents, read and found again. */
export function paperless(
  host: Host,
  on: { readonly zone: Zone; readonly database: PostgresServer; readonly monitoring: Monitoring },
): HomelabService {
  return new HomelabService(host, "paperless", {
    image: "ghcr.io/paperless-ngx/paperless-ngx:2.14.7", // https://github.com/paperless-ngx/paperless-ngx/releases
    dataFormat: DataFormat.migrated(),
    port: 8000, // https://docs.paperless-ngx.com/setup/#docker
    fileOwner: "0:0", // https://docs.paperless-ngx.com/configuration/#docker: the entry point starts as root and reads the *_FILE variables
    health: Probe.http("/accounts/login/"),
    resources: { memory: Size.gibibytes(2) },
    parts: {
      web: Route.in(on.zone, { label: "docs", access: Access.twoFactor("group:family") }),
      db: PostgresDatabase.on(on.database),
      queue: Companion.redis({ image: "docker.io/library/redis:7.4.1" }),
      data: Volume.at("/usr/src/paperless/data", { owner: "1000:1000" }),
      media: Volume.at("/usr/src/paperless/media", { owner: "1000:1000" }),
      scans: HostPath.at("/usr/src/paperless/consume", { from: "/mnt/nas/scans", writable: true }), // it removes what it consumed
      key: SecretFile.generated({ length: 64 }),
      nightly: Backup.nightly(),
      uptime: UptimeMonitor.http(on.monitoring),
    },
    // https://docs.paperless-ngx.com/configuration/
    environment: ({ web, db, queue, key }) => ({
      PAPERLESS_URL: web.url,
      PAPERLESS_REDIS: queue.url,
      PAPERLESS_DBHOST: db.host,
      PAPERLESS_DBPORT: db.port,
      PAPERLESS_DBNAME: db.name,
      PAPERLESS_DBUSER: db.user,
      PAPERLESS_DBPASS_FILE: db.passwordFile(),
      PAPERLESS_SECRET_KEY_FILE: key.path,
      PAPERLESS_TIME_ZONE: host.timeZone,
      USERMAP_UID: 1000,
      USERMAP_GID: 1000,
    }),
  });
}
