import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import type { Code, CompanionCode, Part, ServiceCode } from "./code";
import { HISTORIES, told } from "./drawn";
import type { Edit, EditName } from "./edits";
import { play } from "./play";
import type { Step, Written } from "./steps";

const MEMORY = "/dev/shm"; // thousands of small files: where there is a file system in memory, they are there
let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(fs.existsSync(MEMORY) ? MEMORY : os.tmpdir(), "cdktf-homelab-histories-"));
  jest.spyOn(process.stderr, "write").mockReturnValue(true); // each synthesis says what it added to the ledger
});
afterAll(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const COUNT = Number(process.env.HOMELAB_HISTORIES ?? 500);
const SEEDS = [12, ...(process.env.HOMELAB_SEED === undefined ? [] : [Number(process.env.HOMELAB_SEED)])];

test.each(SEEDS)("data outlives code in every history, drawn with %d", (seed) => {
  const tally = { histories: 0, deployments: 0, refused: 0 };

  const { failed, counterexample } = fc.check(
    fc.property(HISTORIES, (steps) => {
      const { broken, deployments, refused } = play(steps, folder);
      tally.histories += 1;
      tally.deployments += deployments.length;
      tally.refused += refused.length;
      return broken === undefined;
    }),
    { numRuns: COUNT, seed },
  );

  if (failed && counterexample) {
    const [steps] = counterexample;
    throw new Error(told(steps, play(steps, folder)));
  }
  process.stdout.write(
    `${tally.histories} histories with ${tally.deployments} deployments, ${tally.refused} syntheses refused\n`,
  );
  expect(tally.deployments).toBeGreaterThan(tally.histories);
});

const deploy: Step = { do: "deploy", on: 0 };

function write(what: string, change: (code: Code) => void): Written {
  return { do: "write", what, change };
}

function add(name: string, parts: Record<string, Part>, companions: Record<string, CompanionCode> = {}): Written {
  const service: ServiceCode = {
    id: name,
    name,
    begun: 0,
    parts,
    companions,
    host: "app-01",
    server: "main",
  };
  return write(`add ${name}`, ({ services }) => void services.push(service));
}

describe("what a person tidies away before it is deployed destroys nothing:", () => {
  const git = add("git", { data: { kind: "volume" }, db: { kind: "database" }, key: { kind: "secret" } });
  const rename = (name: string): Written =>
    write(`the service is called ${name}`, ({ services: [service] }) => {
      if (service) Object.assign(service, { name, formerly: service.name });
    });
  const renamePart = (before: string, now: string): Written =>
    write(`${before} is called ${now}`, ({ services: [service] }) => {
      const { [before]: part, ...others } = service?.parts ?? {};
      if (service && part) service.parts = { ...others, [now]: { ...part, formerly: before } };
    });
  const tidy = write("nothing says so any more", ({ services: [service] }) => {
    for (const thing of [service, ...Object.values(service?.parts ?? {})]) delete thing?.formerly;
  });

  test.each([
    ["a renamed service", [rename("forge"), tidy]],
    ["a service that is renamed twice", [rename("forge"), rename("hub")]],
    ["a part that is renamed twice", [renamePart("data", "files"), renamePart("files", "repositories")]],
    ["a service that gets its name back", [rename("forge"), tidy, rename("git"), tidy]],
  ])("%s", (_name, changes) => {
    const { story, broken, deployments } = play([git, deploy, ...changes, deploy], folder);

    expect([broken, story]).toEqual([undefined, story]);
    expect(deployments).toHaveLength(2);
  });
});

/** Scripts of histories that were drawn and shrunk. */
describe("what drawn histories found does not come back:", () => {
  const edit = (name: EditName, on = 0, to = 0, how = 0): Edit => ({ do: name, on, to, how });

  test("a part that came with a companion's rename is written down once", () => {
    const { broken, story } = play(
      [
        edit("add", 0, 0, 4),
        edit("renamePart", 0, 7),
        { ...edit("addPart", 3, 1), synthesized: false },
        edit("renameCompanion"),
        edit("rename"),
        { ...edit("moveOutOfCompanion"), synthesized: false },
        edit("rename", 0, 1),
        deploy,
      ],
      folder,
    );

    expect([broken, story]).toEqual([undefined, story]);
  });

  test("fails to leave behind what a branch added to a service that another one renamed twice", () => {
    const { broken, refused } = play(
      [
        edit("add"),
        { do: "branch", on: 0 },
        edit("addPart", 0, 1),
        deploy,
        { do: "branch", on: 0 },
        edit("rename"),
        edit("rename", 0, 1),
        { do: "merge", on: 0 },
        deploy,
      ],
      folder,
    );

    expect([broken, refused]).toEqual([
      undefined,
      [expect.stringContaining('"hub/media" is new, and "git/media" was left behind under the name before')],
    ]);
  });

  test("what is renamed with its service onto a name that something left behind never had that name", () => {
    const { broken, story } = play(
      [
        edit("add", 1),
        edit("remove"),
        edit("add", 2, 0, 6),
        { ...edit("renamePart"), synthesized: false },
        edit("rename", 0, 1),
        deploy,
      ],
      folder,
    );

    expect([broken, story]).toEqual([undefined, story]);
  });

  test("fails to guess which of two things a name means that both had", () => {
    const { broken, refused } = play(
      [
        edit("add", 0, 0, 4),
        deploy,
        edit("renameCompanion"),
        edit("rename"),
        edit("renameCompanion", 0, 0, 3),
        edit("renameCompanion"),
        deploy,
      ],
      folder,
    );

    expect([broken, refused]).toEqual([
      undefined,
      [expect.stringMatching(/"forge\/media\/data" was "forge\/queue\/data", which it was long since/)],
    ]);
  });
});

describe("data stays, and is there again when the code is as it was:", () => {
  const volume = (more: Partial<Part> = {}): Part => ({ kind: "volume", ...more });
  const companion = (kind: CompanionCode["kind"], part = volume()): CompanionCode => ({ kind, parts: { data: part } });
  const kinds: [string, Written][] = [
    ["a volume", add("app", { data: volume() })],
    ["a volume with a name of its own", add("app", { data: volume({ named: true }) })],
    ["a database", add("app", { data: { kind: "database", separate: true, readers: true, extension: true } })],
    ["a companion's volume", add("app", {}, { data: companion("container") })],
    ["a companion's PostgreSQL", add("app", {}, { data: companion("postgres") })],
    ["a companion's Redis", add("app", {}, { data: companion("redis") })],
  ];
  const own = ({ services: [service] }: Code): ServiceCode => {
    if (!service) throw new Error("there is no service");
    return service;
  };
  const into = (now: Part | undefined) => (code: Code) => {
    const service = own(code);
    const { data } = service.companions;
    const container = data?.kind === "container" ? data : service;
    service.companions = data?.kind === "container" ? { data } : {};
    container.parts = now ? { data: now } : {};
  };
  const changes: [string, (code: Code) => void][] = [
    ["is removed", into(undefined)],
    ["is removed with its service", (code) => void code.services.pop()],
    ["becomes a path of the host", into({ kind: "host path" })],
    ["becomes a file system in memory", into({ kind: "tmpfs" })],
    ["is moved to a companion", (code) => moveToCompanion(own(code))],
    ["is mounted elsewhere", (code) => allParts(own(code)).forEach((part) => (part.elsewhere = true))],
    ["is one of another service", (code) => void Object.assign(own(code), { id: "other", name: "other" })],
  ];
  const layouts = ["app-01", "app-02"] as const; // the one keeps volumes, the other folders

  test.each(
    layouts.flatMap((host) =>
      kinds.flatMap(([kind, declared]) =>
        changes.map(([change, edit]) => [host, kind, change, declared, edit] as const),
      ),
    ),
  )("on %s, %s that %s", (host, _kind, _change, declared, edit) => {
    const onHost = write(`it is on ${host}`, (code) => (own(code).host = host));
    let before: ServiceCode | undefined;
    const edited = write("the edit", (code) => {
      before = structuredClone(own(code));
      edit(code);
      for (const part of code.services.flatMap(allParts)) delete part.datum;
    });
    const back = write("as it was", (code) => (code.services = before ? [before] : []));

    const { broken, deployments, story } = play([declared, onHost, deploy, edited, deploy, back, deploy], folder);

    expect([broken, story]).toEqual([undefined, story]);
    expect(deployments).toHaveLength(3);
  });

  function allParts({ parts, companions }: ServiceCode): Part[] {
    return [parts, ...Object.values(companions).map((one) => one.parts)].flatMap((one) => Object.values(one));
  }

  function moveToCompanion(service: ServiceCode): void {
    const [part] = allParts(service);
    if (part)
      Object.assign(service, { parts: {}, companions: { other: { kind: "container", parts: { data: part } } } });
  }
});
