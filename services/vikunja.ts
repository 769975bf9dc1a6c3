import {
  Access,
  Backup,
  DataFormat,
  HomelabService,
  PostgresDatabase,
  Probe,
  Route,
  SecretFile,
  Volume,
  type Host,
  type PostgresServer,
  type Zone,
} from "../constructs";

/** To-do lists. */
export function vikunja(host: Host, on: { readonly zone: Zone; readonly database: PostgresServer }): HomelabService {
  return new HomelabService(host, "vikunja", {
    image: "docker.io/vikunja/vikunja:0.24.6", // https://kolaente.dev/vikunja/vikunja/releases
    dataFormat: DataFormat.migrated(),
    port: 3456, // https://vikunja.io/docs/config-options/#service-interface
    user: "1000:1000", // https://vikunja.io/docs/full-docker-example/
    health: Probe.command(["/app/vikunja/vikunja", "healthcheck"]), // the image has neither a shell nor curl
    parts: {
      web: Route.in(on.zone, {
        label: "todo",
        access: Access.oneFactor("group:family").bypass(["/dav"], {
          reason: "calendar clients sign in with Vikunja's own tokens",
        }),
      }),
      db: PostgresDatabase.on(on.database),
      files: Volume.at("/app/vikunja/files"), // https://vikunja.io/docs/full-docker-example/
      jwtSecret: SecretFile.generated({ length: 48 }),
      nightly: Backup.nightly(),
    },
    // https://vikunja.io/docs/config-options/; VIKUNJA_SECTION_KEY, with _FILE for a file
    environment: ({ web, db, jwtSecret }) => ({
      VIKUNJA_SERVICE_PUBLICURL: web.url,
      VIKUNJA_SERVICE_JWTSECRET_FILE: jwtSecret.path,
      VIKUNJA_DATABASE_TYPE: "postgres",
      VIKUNJA_DATABASE_HOST: `${db.host}:${db.port}`,
      VIKUNJA_DATABASE_DATABASE: db.name,
      VIKUNJA_DATABASE_USER: db.user,
      VIKUNJA_DATABASE_PASSWORD_FILE: db.passwordFile(),
    }),
  });
}
