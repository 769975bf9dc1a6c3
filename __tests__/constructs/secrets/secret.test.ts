import {
  Backup,
  Check,
  Companion,
  ConfigFile,
  Content,
  HomelabService,
  PostgresDatabase,
  Probe,
  Reload,
  Secret,
  SecretFile,
  Secrets,
  type Parts,
} from "../../../constructs";
import type { Homelab } from "../../../stacks";
import { errorOf, scriptOf, synthesizeLab } from "../../support/synthesis";

const service =
  (parts: Parts) =>
  (lab: Homelab): void => {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      user: "1:1",
      health: Probe.none("test"),
      parts,
    });
  };

test("the manifest says of every secret who needs it, how it is made and where it rests", () => {
  const { manifest } = synthesizeLab(
    service({
      key: SecretFile.generated({ length: 20, alphabet: "0123456789" }),
      digest: SecretFile.digest({ of: "clientSecret" }),
      signing: SecretFile.keyPair({ kind: "rsa-4096" }),
      token: Secret.asEnvironment({ reason: "the image reads no file" }),
    }),
  );

  expect(Object.fromEntries(manifest.secrets.map(({ name, ...secret }) => [name, secret]))).toMatchObject({
    "webservices.app.key": { shape: { length: 20, alphabet: "0123456789" }, stacks: ["app-01"], persisted: {} },
    "webservices.app.digest": { shape: { digestOf: "webservices.app.client_secret" } },
    "webservices.app.client_secret": { stacks: [] },
    "webservices.app.signing": { shape: { keyPair: "rsa-4096" } },
  });
});

test("a SOPS file declares the same variables as the environment, and its own name", () => {
  const parts = { key: SecretFile.generated({ length: 20 }) };
  const [environment, sops] = [
    synthesizeLab(service(parts)),
    synthesizeLab(service(parts), { secrets: Secrets.fromSops("secrets/lab.sops.yaml") }),
  ];

  expect(sops.stacks).toEqual(environment.stacks);
  expect(sops.manifest).toMatchObject({ secretStore: "sops", secretsFile: "secrets/lab.sops.yaml" });
});

test.each<[string, Parts, string]>([
  [
    "a name without a letter",
    { x: SecretFile.at("/run/secrets/x", Secret.named("9")) },
    'service "app": a secret must be named by a word',
  ],
  ["a name without anything", { x: SecretFile.at("/run/secrets/x", Secret.named("- -")) }, 'got "- -"'],
  [
    "two ways to make one secret",
    {
      one: SecretFile.generated({ length: 20, name: "key" }),
      two: SecretFile.keyPair({ kind: "ed25519", name: "key" }),
    },
    'secret "webservices.app.key" is to be made in two ways',
  ],
  [
    "a check of what is copied into the container",
    { file: ConfigFile.at("/etc/app/a", Content.text("a"), { check: Check.command(["true"]) }) },
    `service "app", part "file": 'check' needs 'onChange'`,
  ],
])("fails for %s", (_what, parts, message) => {
  expect(errorOf(service(parts))).toContain(message);
});

test.each<[string, () => unknown, string]>([
  ["a shared name with capitals", () => Secret.shared("Homelab.Token"), 'got "Homelab.Token"'],
  ["an alphabet of two", () => SecretFile.generated({ length: 20, alphabet: "01" }), "at least ten different visible"],
  [
    "a store that is no YAML",
    () => Secrets.fromSops("secrets.json"),
    'needs a YAML file, for example "secrets/lab.sops.yaml"',
  ],
])("refuses %s", (_what, make, message) => {
  expect(make).toThrow(message);
});

test("a file that is placed on a host is tried in the image that reads it", () => {
  const { stacks } = synthesizeLab(
    service({
      file: ConfigFile.at("/etc/app/a", Content.text("a"), {
        onChange: Reload.watched(),
        check: Check.command(["app", "check it", "$HOME"], { environment: { TOKEN: "none" } }),
      }),
    }),
  );

  const { app_etc_app: placement } = stacks["app-01"]?.resource.null_resource ?? {};
  expect(scriptOf(placement)).toContain(
    `docker run --rm --network none --user 0:0 --volume "$new":/etc/app:ro --env TOKEN=none --entrypoint app example/app:1 'check it' '$HOME'`,
  );
  expect(placement.depends_on).toEqual(["docker_image.app_image"]);
});

test("the manifest says which secrets are passwords of PostgreSQL, which can't be any text", () => {
  const { manifest } = synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      user: "1000:1000",
      health: Probe.none("test"),
      parts: {
        db: PostgresDatabase.on(lab.postgres("main")),
        own: Companion.postgres({ image: "postgres:17" }),
        key: SecretFile.generated({ length: 40 }),
        none: Backup.none("test"),
      },
      environment: ({ db, own, key }) => ({ DB: db.passwordFile(), OWN: own.passwordFile(), KEY: key.path }),
    });
  });

  expect(manifest.secrets.map(({ name, as = "any" }) => `${name}: ${as}`)).toEqual([
    "homelab.postgres.main.admin_pass: postgresql-password",
    "webservices.app.db_pass: postgresql-password",
    "webservices.app.key: any",
    "webservices.app.own_pass: postgresql-password",
  ]);
});
