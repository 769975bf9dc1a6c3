import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { Generations, Ledger } from "../../constructs";
import { makeSecret } from "../../deploy/make-secret";
import { config } from "../../homelab.config";
import { exampleLab } from "../../main";
import { authelia, Users, type AutheliaOptions } from "../../services";
import { authorize, type Request } from "../support/authelia";
import { configurationOf, placingOf, usersFileOf } from "../support/authelia-files";
import { AUTHELIA } from "../support/authelia-program";
import { suite } from "../support/programs";
import { scriptOf, synthesize, synthesizeLab, type Synthesis } from "../support/synthesis";

interface Answer {
  readonly errors: string[];
  readonly warnings: string[];
  readonly answers: { level: string; by_subject: boolean }[];
  readonly signed_in: Record<string, boolean>;
}

/**
 * Authelia's own loader, validator, authorizer and users file, built from its Go module without what it does for OpenID
 * Connect and databases: no registry has the modules of the former, and neither is what the library writes for it.
 */
suite("Authelia reads what is written for it", AUTHELIA.missing(), () => {
  let folder: string;
  const inFolder = (name: string): string => path.join(folder, name);
  const users = Users.file({ anna: { displayName: 'Anna "A." ${x}', email: "anna@example.com", groups: ["family"] } });
  const lldap = Users.lldap({ address: "ldap://lldap:3890", baseDn: "dc=example,dc=com", user: "uid=authelia" });
  const notifier = { address: "submissions://smtp.example.com:465", username: "lab", sender: "Lab <lab@example.com>" };

  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-authelia-"));
    AUTHELIA.path("homelab");
  }, 900_000);
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  function ask(configuration: string, environment: Record<string, string>, more: object = {}): Answer {
    fs.writeFileSync(inFolder("configuration.yml"), configuration);
    const input = JSON.stringify({ configuration: inFolder("configuration.yml"), ...more });
    return JSON.parse(execFileSync(AUTHELIA.path("homelab"), ["check"], { input, encoding: "utf8", env: environment }));
  }

  /** A lab with an Authelia. */
  function lab(options: Partial<AutheliaOptions> = {}): Synthesis {
    return synthesizeLab((made) => {
      authelia(made.host("app-01"), { zones: [made.zone("example.com")], users, ...options });
    });
  }

  /** What the container finds: its variables, with a file for each secret. */
  function ofContainer({ stacks }: Synthesis): Record<string, string> {
    const env: string[] = stacks["app-01"]?.resource.docker_container?.authelia.env;
    const secrets = env.map((one) => one.split("=")).filter(([name]) => name?.startsWith("AUTHELIA_"));
    return Object.fromEntries(
      secrets.map(([name = "", file = ""]) => {
        fs.writeFileSync(inFolder(path.basename(file)), "a-value-of-at-least-twenty-characters");
        return [name, inFolder(path.basename(file))];
      }),
    );
  }

  test("the version of the image that runs is the one of these tests", () => {
    const images = Object.values<any>(lab().stacks["app-01"]?.resource.docker_image ?? {}).map(({ name }) => name);

    expect(images).toContain(`docker.io/authelia/authelia:${AUTHELIA.version}`);
  });

  test.each<[string, Partial<AutheliaOptions>]>([
    ["a users file", {}],
    ["a users file and messages by SMTP", { notifier }],
    ["an LLDAP", { users: lldap }],
    ["an LLDAP and messages by SMTP", { users: lldap, notifier }],
  ])("it takes a configuration with %s, in its check and in its container", (_what, options) => {
    const made = lab(options);

    for (const environment of [ofCheck(made), ofContainer(made)]) {
      expect(Object.keys(environment).length).toBeGreaterThanOrEqual(4);
      expect(ask(configurationOf(made), environment)).toMatchObject({ errors: [], warnings: [] });
    }
  });

  test.each<[string, string, string]>([
    ["a key", "max_retries:", "max_retires:"],
    ["a policy", "default_policy: deny", "default_policy: denied"],
    ["the cookie's domain", "domain: example.com", "domain: example.org"],
  ])("and refuses a typo in %s", (_what, right, wrong) => {
    const made = lab();
    expect(configurationOf(made)).toContain(right);

    expect(ask(configurationOf(made).replace(right, wrong), ofCheck(made)).errors).not.toEqual([]);
  });

  test("people sign in with the passwords whose digests the library makes", () => {
    const made = lab();
    const digest = makeSecret({ digestOf: "the password" }, () => 'pass"word $x');
    fs.writeFileSync(inFolder("users.yml"), usersFileOf(made, digest));
    const tried = (password: string) =>
      ask(configurationOf(made), ofCheck(made), { users: inFolder("users.yml"), passwords: { anna: password } });

    expect(tried('pass"word $x').signed_in).toEqual({ anna: true });
    expect(tried("password").signed_in).toEqual({ anna: false });
  });

  test("the rules of the example lab mean to it what they mean to the evaluator of the unit tests", () => {
    const made = synthesize((app) =>
      exampleLab(app, { ...config, ledger: Ledger.inMemory(), generations: Generations.inMemory() }),
    );
    const rules = parse(configurationOf(made)).access_control;
    const hosts = made.manifest.services.flatMap(({ routes }) => routes.flatMap((route) => route.hosts));
    const people = [
      { user: "", groups: [] },
      { user: "anna", groups: ["admins", "developers", "family"] },
      { user: "ben", groups: ["family"] },
      { user: "eve", groups: [] },
    ];
    const paths = [
      ...["/", "//", "/api", "/api/", "//api", "/%61pi", "/api/v1", "/apiary", "/v2/", "/?to=/api", "/api?a=b"],
      ...["/admin", "/admin/../x", "/api/../admin", "/api/..%2fadmin", "/x/%2e%2e/admin", "/admin?a=b"],
    ];
    const requests: Request[] = [...new Set(hosts), "unknown.example.com"].flatMap((host) =>
      paths.flatMap((at) =>
        people.map((person) => ({ url: `https://${host}${at}`, method: "GET", ip: "203.0.113.9", ...person })),
      ),
    );

    const { errors, answers } = ask(configurationOf(made), ofCheck(made), { requests });

    expect(errors).toEqual([]);
    expect(requests.length).toBeGreaterThan(400);
    expect(answers).toEqual(requests.map((request) => authorize(rules, request)));
  });
});

/** What the check is given that the host runs before it replaces the file. */
function ofCheck(made: Synthesis): Record<string, string> {
  const variables = scriptOf(placingOf(made)).matchAll(/--env (AUTHELIA_\w+)=(\S+)/g);
  return Object.fromEntries([...variables].map(([, name = "", value = ""]) => [name, value]));
}
