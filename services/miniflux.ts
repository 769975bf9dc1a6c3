import {
  Access,
  Backup,
  DataFormat,
  HomelabService,
  Need,
  PostgresDatabase,
  Probe,
  Route,
  type Host,
  type PostgresServer,
  type Zone,
} from "../constructs";

/** A reader of feeds. */
export function miniflux(
  host: Host,
  on: { readonly zone: Zone; readonly database: PostgresServer; readonly notifier: HomelabService },
): HomelabService {
  return new HomelabService(host, "miniflux", {
    image: "docker.io/miniflux/miniflux:2.2.4", // https://github.com/miniflux/v2/releases
    dataFormat: DataFormat.migrated(),
    port: 8080, // https://miniflux.app/docs/configuration.html#listen-addr
    user: "65534:65534", // https://github.com/miniflux/v2/blob/main/packaging/docker/alpine/Dockerfile
    health: Probe.command(["/usr/bin/miniflux", "-healthcheck", "auto"]), // https://miniflux.app/docs/docker.html
    needs: [Need.of(on.notifier)],
    parts: {
      web: Route.in(on.zone, { label: "feeds", access: Access.oneFactor() }),
      db: PostgresDatabase.on(on.database),
      nightly: Backup.nightly(),
    },
    // https://miniflux.app/docs/configuration.html
    environment: ({ web, db }) => ({
      BASE_URL: `${web.url}/`,
      DATABASE_URL_FILE: db.urlFile(),
      RUN_MIGRATIONS: 1,
    }),
  });
}
