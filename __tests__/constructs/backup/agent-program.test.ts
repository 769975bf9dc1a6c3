import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { agentProgram } from "../../../constructs/backup/agent-program/agent-program";
import { RESTORE } from "../../../constructs/backup/agent-program/restore";

describe.each(["borgmatic", "restic"] as const)("the backup agent with %s", (engine) => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-agent-"));
    fs.writeFileSync(path.join(folder, "agent"), agentProgram(engine));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  test("is read by the shell of a host", () => {
    const { status, stderr } = spawnSync("sh", ["-n", path.join(folder, "agent")], { encoding: "utf8" });

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("has each function once, which a later piece or a line of a configuration would else replace", () => {
    const program = agentProgram(engine);
    const lines = [...program.matchAll(/^(?:SERVICE|LAB)_LINES='(.*)'$/gm)].flatMap(([, words = ""]) =>
      words.split(" "),
    );
    const functions = [...program.matchAll(/^([a-z_]+)\(\) \{/gm)].map(([, name]) => name);
    const names = [...lines, ...functions];
    // What ends the host's scripts ends this program with its own way back.
    const twice = names.filter((name, at) => names.indexOf(name) !== at && name !== "refuse");

    expect(lines).toContain("repository");
    expect(twice).toEqual([]);
  });
});

test.each([
  ["that was put back", false, "nothing of it is in place, the data is what it was"],
  ["that could not be put back", true, "what was there is NOT all in its place again"],
])("a failed restore says what holds of one %s", (_, isLeft, sentence) => {
  const state = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-restore-"));
  fs.mkdirSync(path.join(state, "aside"));
  if (isLeft) fs.writeFileSync(path.join(state, "aside/app.s1.begun"), "was files\n");
  const program = [
    RESTORE,
    'timed() { printf \'"message":"%s"\' "$problem"; }; text() { printf \'"%s"\' "$1"; }',
    "told_aside() { :; }; place_record() { :; }",
    'service=app verb_of=restore without= problem="it failed" stamp=s1 kept=none',
    "record_restore",
  ];

  const { stdout } = spawnSync("sh", ["-c", program.join("\n")], { encoding: "utf8", env: { ...process.env, state } });
  fs.rmSync(state, { recursive: true });

  expect(stdout).toContain(`it failed; ${sentence}`);
});
