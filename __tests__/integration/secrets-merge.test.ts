import * as fs from "node:fs";
import { missing, suite } from "../support/programs";
import { GENERATIONS, SecretLab, STORE } from "../support/secret-lab";

const KEY = "webservices.app.key";

suite("a secret that two branches rotate", missing(["sops", "age-keygen", "git"]), () => {
  jest.setTimeout(120_000);
  let lab: SecretLab;
  const values: Record<string, string> = {};
  const versions: Record<string, string> = {};

  /** What stands for the value in a plan of the host's stack. */
  const version = (): string => {
    lab.synthesize();
    return JSON.stringify(lab.stack("app-01").resource.null_resource.app_run_secrets.triggers);
  };

  beforeAll(() => {
    lab = new SecretLab();
    lab.run(["secrets", "generate"]);
    lab.run(["secrets", "set", "homelab.postgres.main.admin_pass"], "chosen");
    lab.git("add", "-A");
    lab.git("commit", "-qm", "begun");
    for (const branch of ["ours", "theirs"]) {
      lab.git("checkout", "-q", "-B", branch, "main");
      lab.synthesize();
      expect(lab.run(["secrets", "rotate", "app.key"])).toMatchObject({ status: 0 });
      values[branch] = lab.values().webservices.app.key;
      versions[branch] = version();
      lab.git("commit", "-qam", branch);
    }
    lab.git("checkout", "-q", "ours");
  });
  afterAll(() => lab.remove());

  /** Merges, and takes the whole files of one side each. */
  function merge(generations: string | undefined, store: string | undefined): void {
    lab.git("merge", "--abort");
    lab.git("reset", "-q", "--hard", "ours");
    expect(lab.git("merge", "-q", "theirs")).toBe(1);
    if (generations !== undefined) expect(lab.git("checkout", `--${generations}`, GENERATIONS)).toBe(0);
    if (store !== undefined) expect(lab.git("checkout", `--${store}`, STORE)).toBe(0);
  }

  test("has another version in the plans of each, so that whatever is deployed, the other is deployed over it", () => {
    expect(values.ours).not.toBe(values.theirs);
    expect(versions.ours).not.toBe(versions.theirs);
    for (const one of Object.values(versions)) expect(one).toMatch(/generation 2-[0-9a-f]{16}/);
  });

  test.each(["ours", "theirs"])("is used and deployed as %s has it, where both files are taken from there", (side) => {
    merge(side, side);

    expect(version()).toBe(versions[side]);
    expect(lab.run(["secrets", "list", "--check"])).toMatchObject({ status: 0 });
    const { said } = lab.run(["run", "--", "sh", "-c", "env", "app-01"]);
    expect(said).toContain(`TF_VAR_webservices_app_key=${values[side]}`);
  });

  test.each([
    ["ours", "theirs"],
    ["theirs", "ours"],
  ])("is refused with the generations of %s and the store of %s, until it has a new value", (generations, store) => {
    merge(generations, store);
    lab.synthesize();

    const told = [lab.run(["secrets", "list", "--check"]), lab.run(["run", "--", "true", "app-01"])];

    for (const { status, said } of told) {
      expect(status).toBe(1);
      expect(said).toContain(
        `secret "${KEY}": ${STORE} has another value of generation 2 than ${GENERATIONS} is of, as after a merge of two branches that both gave it one: take both files from one commit, or give it a new value with "homelab secrets rotate ${KEY}"`,
      );
    }
    expect(told[0]?.said).toMatch(/app\.key +2 +another value/);
    expect(lab.run(["run", "--", "true", "postgres-main"])).toMatchObject({ status: 0 });
    expect(lab.run(["secrets", "rotate", "app.key"])).toMatchObject({ status: 0 });
    expect(version()).toContain("generation 3-");
    expect(lab.run(["run", "--", "true", "app-01"])).toMatchObject({ status: 0 });
  });

  test("fails where git could not merge, with the line", () => {
    merge("ours", undefined);
    const { status, said } = lab.run(["run", "--", "true", "app-01"]);
    expect([status, said]).toEqual([
      1,
      expect.stringMatching(
        /lab\.sops\.yaml, line \d+, has a conflict of a merge, which can't be resolved line by line/,
      ),
    ]);

    merge(undefined, "ours");
    expect(() => lab.synthesize()).toThrow(
      /homelab\.secrets\.json, line \d+, has a conflict of a merge: take the lines of the side whose store you take/,
    );
  });

  test("fails for a store that was merged line by line", () => {
    merge("ours", undefined);
    lab.resolveLines(STORE);
    lab.git("checkout", "--ours", GENERATIONS);
    lab.synthesize();

    const { status, said } = lab.run(["run", "--", "true", "app-01"]);

    expect([status, said]).toEqual([
      1,
      expect.stringContaining(`${STORE}: it is not as SOPS wrote it, which a merge line by line does`),
    ]);
  });
});

suite("a store and its fingerprints", missing(["sops", "age-keygen", "git"]), () => {
  jest.setTimeout(120_000);
  let lab: SecretLab;
  beforeEach(() => {
    lab = new SecretLab();
    lab.run(["secrets", "generate"]);
    lab.run(["secrets", "set", "homelab.postgres.main.admin_pass"], "chosen");
    lab.synthesize();
  });
  afterEach(() => lab.remove());

  const fingerprints = (): Record<string, string> => JSON.parse(lab.read(GENERATIONS) ?? "{}").fingerprints ?? {};
  function forget(...files: readonly string[]): void {
    if (files.includes(STORE))
      for (const map of ["fingerprints_unencrypted", "fingerprint_keys"]) lab.sops(["unset", STORE, `["${map}"]`]);
    const { version: format, generations } = JSON.parse(lab.read(GENERATIONS) ?? "{}");
    fs.writeFileSync(lab.path(GENERATIONS), JSON.stringify({ version: format, generations }, null, 2));
    lab.synthesize();
  }

  test("is used as it is where it is from before, and names what has none until it has a new value", () => {
    forget(STORE, GENERATIONS);

    const before = lab.run(["secrets", "list", "--check"]);
    expect([before.status, before.said]).toEqual([
      0,
      expect.stringMatching(
        /can't be told apart yet, until each has a new one: homelab\.postgres.*, webservices\.app\.db_pass, webservices\.app\.key/,
      ),
    ]);
    expect(lab.run(["run", "--", "true"])).toMatchObject({ status: 0 });

    expect(lab.run(["secrets", "rotate", "app.key"])).toMatchObject({ status: 0 });
    lab.synthesize();

    expect(Object.keys(fingerprints())).toEqual([KEY]);
    expect(lab.run(["secrets", "list", "--check"]).said).toMatch(/a new one: homelab\S+, webservices\.app\.db_pass\n/);
    expect(lab.run(["run", "--", "true"])).toMatchObject({ status: 0 });
  });

  test("is recorded by generate where a command was killed before it could", () => {
    const whole = fingerprints();
    forget(GENERATIONS);
    expect(lab.run(["run", "--", "true"])).toMatchObject({ status: 0 });

    const { status, said } = lab.run(["secrets", "generate"]);

    expect([status, said]).toEqual([0, expect.stringContaining(`${GENERATIONS} changed, commit it`)]);
    expect(fingerprints()).toEqual(whole);
  });

  test("fails where the store lost a fingerprint that the code has", () => {
    lab.sops(["unset", STORE, '["fingerprints_unencrypted"]["webservices.app.key"]']);

    expect(lab.run(["run", "--", "true", "app-01"])).toMatchObject({
      status: 1,
      said: expect.stringContaining(`secret "${KEY}": ${STORE} has another value of generation 1`),
    });
  });
});
