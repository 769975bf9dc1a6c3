import { Ledger } from "../../constructs";
import { missing, suite } from "../support/programs";
import { GENERATIONS, SecretLab, STORE } from "../support/secret-lab";

suite("the secrets of a service that is let go of", missing(["sops", "age-keygen", "git"]), () => {
  let lab: SecretLab;
  const ledger = (): Ledger => Ledger.fromFile(lab.path("ledger.json"));

  beforeEach(() => {
    lab = new SecretLab();
    lab.synthesize({ ledger: ledger() });
    expect(lab.run(["secrets", "generate"]).status).toBe(0);
    lab.synthesize({ ledger: ledger(), hasService: false });
  });
  afterEach(() => lab.remove());

  test("stay in the store and in the ledger until whoever has the store removed them", () => {
    const told = lab.run(["retire", "app"]);
    lab.synthesize({ ledger: ledger(), hasService: false });

    expect(told.status).toBe(0);
    const commands = [...told.said.matchAll(/^ +(sops unset .*)$/gm)].map(([, command = ""]) => command);
    expect(commands).toEqual([
      `sops unset ${STORE} '["webservices"]["app"]["db_pass"]'`,
      `sops unset ${STORE} '["webservices"]["app"]["key"]'`,
    ]);
    expect(Object.keys(lab.values().webservices.app)).toEqual(["db_pass", "key"]);
    const early = lab.run(["retire", "app/secret:key"]);
    expect(early.status).toBe(1);
    expect(early.said).toContain(`"app/secret:key" still has a value in ${STORE}: remove it by ${commands[1]}`);

    for (const command of commands) lab.runShell(command);

    expect(lab.run(["retire", "app/secret:key"]).said).toContain("Taken out of ");
    expect([...ledger().retiredSecrets.keys()]).toEqual(["app/secret:db_pass"]);
    expect(lab.read(GENERATIONS)).not.toContain("webservices.app.key");
    expect(lab.run(["secrets", "list"]).status).toBe(0);
  });

  test("are told where the store can't be read, and then none of them is forgotten", () => {
    const noKey = { SOPS_AGE_KEY_FILE: lab.path("none") };

    const told = lab.run(["retire", "app"], "", noKey);
    lab.synthesize({ ledger: ledger(), hasService: false });
    const again = lab.run(["retire", "app/secret:key"], "", noKey);

    expect(told.status).toBe(0);
    expect(told.said).toMatch(/may still have \(.*there is no usable key here.*\) values of secrets/);
    expect(again.status).toBe(1);
    expect([...ledger().retiredSecrets.keys()]).toContain("app/secret:key");
  });
});
