import { Backup, Companion, DataFormat, HomelabService, Probe, Volume, type Host } from "../../constructs";

/** A service between two major versions of its PostgreSQL: the new one has a key, and so a volume, of its own. */
export function ledger(host: Host): HomelabService {
  return new HomelabService(host, "ledger", {
    image: "example/ledger:3.1.4",
    dataFormat: DataFormat.stepByStep(), // no major version may be skipped
    user: "1000:1000",
    health: Probe.none("the image has no shell"),
    parts: {
      db: Companion.postgres({ image: "docker.io/library/postgres:16.6" }),
      db17: Companion.postgres({ image: "docker.io/library/postgres:17.2", database: "ledger" }),
      files: Volume.at("/var/ledger"),
      nightly: Backup.nightly(),
    },
    environment: ({ db }) => ({ DATABASE_HOST: db.host, DATABASE_PASSWORD_FILE: db.passwordFile() }),
  });
}
