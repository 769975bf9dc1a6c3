import { Backup, Generations, HomelabService, PostgresDatabase, Probe, SecretFile, Secrets } from "../../constructs";
import { lab, type Change } from "../support/changes";

const KEY = "webservices.app.key";

/** A lab whose secrets are in a file, with the generation of one and the fingerprint of its value. */
const withKey = (
  generation: number,
  fingerprint?: string,
  store = Secrets.fromSops("secrets/lab.sops.yaml"),
): Change["base"] =>
  lab(
    (home) => {
      new HomelabService(home.host("app-01"), "app", {
        image: "example/app:1.0.0",
        user: "1000:1000",
        health: Probe.none("a test"),
        parts: {
          db: PostgresDatabase.on(home.postgres("main")),
          key: SecretFile.generated({ length: 40 }),
          none: Backup.none("a test"),
        },
        environment: ({ db, key }) => ({ PASSWORD_FILE: db.passwordFile(), KEY_FILE: key.path }),
      });
    },
    {
      secrets: store,
      generations: Generations.inMemory(
        { [KEY]: generation, "webservices.app.db_pass": 1 },
        fingerprint === undefined ? {} : { [KEY]: fingerprint },
      ),
    },
  );

/** Changes of where values come from, and of the values themselves. */
export const rows: readonly Change[] = [
  {
    name: "a new value with a new generation",
    base: withKey(1, "0".repeat(16)),
    head: withKey(2, "1".repeat(16)),
    firstLine: "No data is lost; app restarts.",
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "the first value that has a fingerprint, of a new generation",
    base: withKey(1),
    head: withKey(2, "1".repeat(16)),
    firstLine: "No data is lost; app restarts.",
    exitCode: 2,
    failsOn: [],
  },
  {
    name: "another value of one generation, as two branches make it that both rotate",
    base: withKey(2, "0".repeat(16)),
    head: withKey(2, "1".repeat(16)),
    firstLine: `No data is lost; SECRETS: ${KEY}; app restarts.`,
    exitCode: 2,
    failsOn: ["trust"],
  },
  {
    name: "a value that loses its fingerprint and keeps its generation",
    base: withKey(2, "0".repeat(16)),
    head: withKey(2),
    firstLine: `No data is lost; SECRETS: ${KEY}; app restarts.`,
    exitCode: 2,
    failsOn: ["trust"],
  },
  {
    name: "a generation that goes back",
    base: withKey(3, "0".repeat(16)),
    head: withKey(2, "1".repeat(16)),
    firstLine: `No data is lost; SECRETS: ${KEY}; app restarts.`,
    exitCode: 2,
    failsOn: ["trust"],
  },
  {
    name: "another store file",
    base: withKey(1),
    head: withKey(1, undefined, Secrets.fromSops("secrets/other.sops.yaml")),
    firstLine: "No data is lost; SECRETS: from secrets/other.sops.yaml instead of secrets/lab.sops.yaml.",
    exitCode: 2,
    failsOn: ["trust"],
  },
  {
    name: "secrets from the environment instead of a file",
    base: withKey(1),
    head: withKey(1, undefined, Secrets.fromEnvironment()),
    firstLine: "No data is lost; SECRETS: from the environment instead of secrets/lab.sops.yaml.",
    exitCode: 2,
    failsOn: ["trust"],
  },
];
