import * as fs from "node:fs";
import { missing, suite } from "../support/programs";
import { SecretLab, STORE } from "../support/secret-lab";

const KEY = "webservices.app.key";

suite("a store in which SOPS leaves something in the clear", missing(["sops", "age-keygen", "git"]), () => {
  jest.setTimeout(120_000);
  let lab: SecretLab;
  afterEach(() => lab.remove());

  const enter = (name: string, value: string) => lab.run(["secrets", "set", name], value);
  const oneSentence = (said: string): string => {
    expect(said.trim().split("\n")).toHaveLength(1);
    return said.trim();
  };

  test.each<[string, string]>([
    ["encrypted_regex: ^(db_pass)$", KEY],
    ["unencrypted_regex: ^key$", KEY],
    ["encrypted_suffix: _pass", KEY],
    ["unencrypted_suffix: key", KEY],
    ["encrypted_comment_regex: secret", KEY],
    ["encrypted_regex: ^(homelab|webservices)$", "fingerprint_keys"],
  ])("fails to store anything by %s, and names its line", (rule, name) => {
    lab = new SecretLab(rule);

    const { status, said } = lab.run(["secrets", "generate"]);

    expect(status).toBe(1);
    expect(oneSentence(said)).toContain(`${STORE}: nothing was stored, since SOPS leaves `);
    expect(said).toContain(name);
    expect(said).toContain(
      `in the clear, by ${JSON.stringify(rule)} in .sops.yaml, line 6: remove that line, without which SOPS encrypts every value`,
    );
    expect(fs.readdirSync(lab.path("secrets")).filter((one) => one !== ".homelab")).toEqual([]);
    expect(fs.readdirSync(lab.path("secrets/.homelab")).filter((one) => one.includes("sops"))).toEqual([]);
  });

  test("stores under rules that leave nothing of it in the clear", () => {
    lab = new SecretLab("encrypted_regex: ^(homelab|webservices|fingerprint_keys)$", "mac_only_encrypted: true");

    expect(lab.run(["secrets", "generate"])).toMatchObject({ status: 0 });
    expect(enter("homelab.postgres.main.admin_pass", "chosen")).toMatchObject({ status: 0 });

    expect(lab.read(STORE)).not.toContain("chosen");
    expect(lab.run(["secrets", "list", "--check"])).toMatchObject({ status: 0 });
  });

  test("fails to add to a file that was begun with such a rule, until it is encrypted anew as the sentence says", () => {
    lab = new SecretLab("encrypted_regex: ^(homelab|db_pass|fingerprint_keys)$");
    fs.mkdirSync(lab.path("secrets"));
    lab.sops(
      ["encrypt", "--input-type", "json", "--output-type", "yaml", "--filename-override", STORE, "--output", STORE],
      JSON.stringify({ webservices: { app: { key: "read by everybody", db_pass: "hidden" } } }),
    );
    const before = lab.read(STORE);

    const told = [
      lab.run(["secrets", "list", "--check"]),
      lab.run(["run", "--", "true", "app-01"]),
      lab.run(["secrets", "rotate", "app.key"]),
    ];

    expect(told[0]).toMatchObject({ status: 1, said: expect.stringMatching(/app\.key +1 +in the clear/) });
    for (const { status, said } of told) {
      expect(status).toBe(1);
      expect(said).toContain('by "encrypted_regex: ^(homelab|db_pass|fingerprint_keys)$" in .sops.yaml, line 6');
      expect(said).not.toMatch(/read by everybody|hidden/);
    }
    expect(lab.read(STORE)).toBe(before);
    const [, anew = ""] = /encrypt the file anew with "(.*?)"/.exec(told[2]?.said ?? "") ?? [];
    lab.rule();
    lab.runShell(anew);
    expect(lab.read(STORE)).not.toContain("read by everybody");
    expect(lab.values().webservices.app).toEqual({ key: "read by everybody", db_pass: "hidden" });
    expect(lab.run(["secrets", "rotate", "app.key"])).toMatchObject({ status: 0 });
  });

  test("fails for a value that was written into the file by hand, without showing it", () => {
    lab = new SecretLab();
    lab.run(["secrets", "generate"]);
    const text = lab.read(STORE) ?? "";
    fs.writeFileSync(lab.path(STORE), text.replace(/^( +)key: .*$/m, "$1key: typed by hand"));

    const { status, said } = lab.run(["secrets", "list"]);

    expect([status, oneSentence(said)]).toEqual([
      1,
      expect.stringContaining(`${STORE}: ${KEY} was written into it by hand, in the clear`),
    ]);
    expect(said).not.toContain("typed by hand");
  });

  test("fails for a value that was changed beside homelab, which nothing would deploy", () => {
    lab = new SecretLab();
    lab.run(["secrets", "generate"]);
    enter("homelab.postgres.main.admin_pass", "chosen");
    lab.sops(["set", "--value-stdin", STORE, '["webservices"]["app"]["key"]'], '"another"');
    lab.synthesize();

    const { status, said } = lab.run(["run", "--", "true", "app-01"]);

    expect([status, oneSentence(said)]).toEqual([
      1,
      expect.stringContaining(
        `secret "${KEY}": its value in ${STORE} is not the one that was stored with generation 1`,
      ),
    ]);
    expect(lab.run(["run", "--", "true", "postgres-main"])).toMatchObject({ status: 0 });
  });

  test.each([
    ["a NUL", "before\0after"],
    ["decomposed letters", "cafe\u0301 au lait"],
  ])("never shows a value with %s", (_what, value) => {
    lab = new SecretLab();
    lab.run(["secrets", "generate"]);
    enter("homelab.postgres.main.admin_pass", "chosen");
    const entered = lab.run(["secrets", "rotate", "homelab.postgres.main.admin_pass"], value);
    lab.sops(["set", "--value-stdin", STORE, '["webservices"]["app"]["key"]'], JSON.stringify(value));
    const run = lab.run(["run", "--", "true", "app-01"]);
    const list = lab.run(["secrets", "list", "--check"]);

    for (const { status, said } of [entered, run, list]) {
      expect(status).toBe(1);
      expect(said).not.toMatch(/before|after|lait/);
    }
    expect(lab.run(["secrets", "rotate", "app.key"]).status).toBe(0);
  });
});
