import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { agentProgram } from "../../../constructs/backup/agent-program/agent-program";

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
