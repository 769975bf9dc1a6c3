import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { AUTHELIA } from "../support/authelia-program";
import { Asking, told as describeQuestion, type Outcome, type Question } from "../support/lab/asking";
import { entriesTo } from "../support/lab/entries";
import { Expectation } from "../support/lab/expectation";
import { EDGE, servedLab } from "../support/lab/fixture";
import { ADMIN, ANONYMOUS, ASKERS, BEN, type Asker } from "../support/lab/people";
import { RunningLab } from "../support/lab/running-lab";
import { HEADER_TRICKS, HOST_TRICKS, PATH_TRICKS } from "../support/lab/tricks";
import { Namespaces } from "../support/namespaces";
import { missing, suite } from "../support/programs";
import type { Synthesis } from "../support/synthesis";
import { TRAEFIK } from "../support/traefik-program";

const reason =
  missing(["ip", "nft", "nsenter", "setpriv", "chroot"], { root: true }) ??
  Namespaces.missing() ??
  TRAEFIK.missing() ??
  AUTHELIA.missing();

/** A lab whose real proxies and sign-on are asked; what its reports say of it is the expectation. */
suite("requests", reason, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-requests-"));
  let made: Synthesis;
  let lab: RunningLab | undefined;
  let asking: Asking;
  let said: Expectation;

  beforeAll(async () => {
    made = servedLab();
    said = new Expectation(made);
    lab = await RunningLab.start(made, folder);
    asking = await Asking.in(lab, EDGE.lanAddress);
  }, 1_200_000);
  afterAll(async () => {
    await lab?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** All names with the paths that routes speak of, what lies below them and what only begins like them. */
  const addresses = (): [string, string][] => [
    // Also what the reports might not know: the names of the proxies' own rules.
    ...Object.values(made.stacks)
      .flatMap((stack) => [...JSON.stringify(stack.resource.docker_container ?? {}).matchAll(/Host\(`([^`]*)`\)/g)])
      .map(([, host = ""]): [string, string] => [host, pageOf(host)]),
    ...made.manifest.services.flatMap(({ routes }) =>
      routes.flatMap(({ hosts, paths, bypass }) => {
        const named = [...paths, ...bypass.flatMap((one) => one.paths)];
        const all = [pageOf(hosts[0] ?? ""), ...named.flatMap((one) => [one, `${one}/x`, `${one}x`])];
        return hosts.flatMap((host) => all.map((at): [string, string] => [host, at]));
      }),
    ),
  ];

  const everywhere = (
    asked: readonly (readonly [string, string])[],
    askers: readonly Asker[],
    more: Partial<Question> = {},
  ): Question[] =>
    asked.flatMap(([host, at]) =>
      entriesTo(made, host, at).flatMap((entry) => askers.map((asker) => ({ asker, host, path: at, entry, ...more }))),
    );

  test("whoever passes by the reports passes, and nobody else", async () => {
    const answers = await asking.all(everywhere(addresses(), ASKERS));

    count("plain requests", answers);
    expect(answers.length).toBeGreaterThan(2000);
    expect(answers.flatMap(([question, outcome]) => said.contradiction(question, outcome))).toEqual([]);
  }, 300_000);

  test.each(["HTTP/2", "websocket"])(
    "the same by %s",
    async (how) => {
      const more: Partial<Question> = how === "websocket" ? { upgrade: true } : { protocol: "HTTP/2" };
      const some = addresses().filter(([host]) => /^(blog|notes|vault|wiki|cams)-/.test(host));

      const answers = await asking.all(everywhere(some, [ANONYMOUS, BEN, ADMIN], more));

      count(how, answers);
      const passed = answers.filter(([, { service }]) => service !== undefined);
      expect(new Set(passed.map(([, { status }]) => status))).toEqual(new Set([how === "websocket" ? 101 : 200]));
      expect(answers.flatMap(([question, outcome]) => said.contradiction(question, outcome))).toEqual([]);
    },
    300_000,
  );

  /** Guarded addresses, each with a path that is open at the same name or at another one. */
  const targets = (): [string, string, string][] =>
    ["com", "near", "net", "tun", "org"].flatMap((suffix): [string, string, string][] => {
      const zone = { com: "com", near: "com", net: "net", tun: "net" }[suffix] ?? "org";
      const name = (service: string): string => `${service}-${suffix}.example.${zone}`;
      return [
        [name("notes"), "/x", "/api"],
        [name("vault"), "/admin", "/api"],
        [name("wiki"), "/api/admin", "/api"],
        [name("files"), "/all/x", "/all/public"],
        [name("cams"), "/settings", "/x"],
        [name("panel"), "/admin", "/x"],
      ];
    });
  const dashboards: [string, string, string][] = [
    ["traefik-edge-01.example.com", "/api/version", "/api"],
    ["traefik-app-01.example.com", "/api/version", "/api"],
  ];

  test("no header of a request opens what the reports call shut", async () => {
    const ways: Partial<Question>[] = [{}, { protocol: "HTTP/2" }, { upgrade: true }];
    const questions = [...targets(), ...dashboards].flatMap(([host, at, open]) =>
      // The other ways at some of the names: it is a matter of the same entry point.
      ways
        .slice(0, /^(vault|traefik)-/.test(host) ? 3 : 1)
        .flatMap((more) =>
          HEADER_TRICKS.flatMap((trick) => everywhere([[host, at]], [ANONYMOUS, BEN], { trick, open, ...more })),
        ),
    );

    const answers = await asking.all(questions);

    count("requests with headers of their own", answers);
    expect(answers.length).toBeGreaterThan(2000);
    expect(answers.flatMap(([question, outcome]) => said.leak(question, outcome))).toEqual([]);
  }, 300_000);

  test("no way to write a path or a name opens what the reports call shut", async () => {
    const questions = [...targets(), ...dashboards].flatMap(([host, at, open]) =>
      [...PATH_TRICKS, ...HOST_TRICKS].flatMap((trick) => everywhere([[host, at]], [ANONYMOUS, BEN], { trick, open })),
    );

    const answers = await asking.all(questions);

    count("requests written in another way", answers);
    expect(answers.length).toBeGreaterThan(2000);
    expect(answers.flatMap(([question, outcome]) => said.leak(question, outcome))).toEqual([]);
  }, 300_000);

  test("whoever may pass does so whatever headers they send", async () => {
    const harmless = HEADER_TRICKS.filter(({ name }) => !/^(Connection|X-Forwarded-P)/.test(name));
    const some = targets().filter(([host]) => /^(vault|notes)-/.test(host));
    const questions = some.flatMap(([host, at, open]) =>
      harmless.flatMap((trick) => everywhere([[host, at]], [ADMIN], { trick, open })),
    );

    const answers = await asking.all(questions);

    expect(answers.flatMap(([question, outcome]) => said.contradiction(question, outcome))).toEqual([]);
  }, 300_000);

  test("who asks is told to a service by the sign-on alone", async () => {
    const identity = HEADER_TRICKS.filter(({ name }) => /^Remote/.test(name));
    const asked = addresses().filter(([host]) => /^(blog|notes|vault)-/.test(host));
    const questions = identity.flatMap((trick) => everywhere(asked, [ANONYMOUS, BEN, ADMIN], { trick }));

    const answers = await asking.all(questions);

    const passed = answers.filter(([, { got }]) => got);
    expect(passed.length).toBeGreaterThan(200);
    expect(
      passed.flatMap(([question, { got }]) => {
        const told = Object.entries(got?.headers ?? {}).filter(([name]) => /^remote[-_](user|groups)$/i.test(name));
        const own = question.asker.factors === 0 ? "" : question.asker.name;
        const foreign = told.filter(([name, value]) =>
          /user$/i.test(name) ? value !== own : own === "" || value === "admins",
        );
        return foreign.map((header) => `${describeQuestion(question)}: ${header.join(": ")}`);
      }),
    ).toEqual([]);
  }, 300_000);

  test("services and parts with names alike are routes of their own", async () => {
    const asked = addresses().filter(([host]) => /^paper-/.test(host));

    const answers = await asking.all(everywhere(asked, [ADMIN]));

    const services = new Set(answers.flatMap(([, { service }]) => service ?? []));
    expect(services.size).toBe(new Set(asked.map(([host]) => host)).size);
    expect(answers.flatMap(([question, outcome]) => said.contradiction(question, outcome))).toEqual([]);
  });

  // The last one: Authelia ends a session whose cookie it gets for another zone.
  test("a session of another zone opens nothing", async () => {
    const asked = addresses().filter(([host]) => /^(notes|vault)-/.test(host));
    const other = (host: string): string => (host.endsWith(".net") ? "example.com" : "example.net");

    const answers = await asking.all(
      everywhere(asked, [ADMIN]).map((question) => ({ ...question, cookieOf: other(question.host) })),
    );

    const anonymous = answers.map(([question, outcome]) => [{ ...question, asker: ANONYMOUS }, outcome] as const);
    expect(anonymous.flatMap(([question, outcome]) => said.contradiction(question, outcome))).toEqual([]);
  }, 300_000);
});

/** What there is to see: the program that is built here has no pages for Traefik's dashboard. */
function pageOf(host: string): string {
  return host.startsWith("traefik-") ? "/api/version" : "/";
}

/** Prints how many were asked, by way in, and how many of them passed. */
function count(what: string, answers: readonly (readonly [Question, Outcome])[]): void {
  const rows = new Map<string, [number, number]>();
  for (const [{ entry }, { service }] of answers) {
    const [asked, passed] = rows.get(entry.name) ?? [0, 0];
    rows.set(entry.name, [asked + 1, passed + (service === undefined ? 0 : 1)]);
  }
  const lines = [...rows].map(([name, [asked, passed]]) => `  ${name}: ${asked} asked, ${passed} passed`);
  process.stdout.write(`${what}: ${answers.length}\n${lines.join("\n")}\n`);
}
