import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { App } from "cdktf";
import { Backup, HomelabService, Ledger, Probe, Volume, type Parts } from "../../constructs";
import { Homelab, synthesize } from "../../stacks";
import { inventory } from "../support/synthesis";

/** What a program with a lab says where, and what it ends with. */
function runProgram(declare: (app: App) => void, env: Readonly<Record<string, string>> = {}) {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-program-"));
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((channel) =>
    jest.spyOn(process[channel], "write").mockImplementation((text) => ((said[channel] += String(text)), true)),
  );
  const before = { ...process.env };
  delete process.env.CI;
  Object.assign(process.env, { ...env, CDKTF_OUTDIR: out });
  try {
    synthesize(declare);
    return { ...said, status: process.exitCode ?? 0, ledger: read(path.join(out, "ledger.json")) };
  } finally {
    process.exitCode = 0;
    process.env = before;
    for (const spy of spies) spy.mockRestore();
    fs.rmSync(out, { recursive: true });
  }
}

function read(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

const lab = (image: string, parts: Parts) => (app: App) => {
  const ledger = Ledger.fromFile(path.join(app.outdir, "ledger.json"));
  const declared = new Homelab(app, inventory({ ledger }));
  new HomelabService(declared.host("app-01"), "app", { image, health: Probe.none("test"), parts });
};

const byCdktf = { CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS: "true" };
const kept = { data: Volume.at("/data"), none: Backup.none("test") };

test("a lab that is refused is told by its sentence and the line that it comes from", () => {
  const { stdout, stderr, status } = runProgram(lab("example/app:latest", {}));

  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^an image must name its version, got "example\/app:latest"[^\n]*\n {4}at [^\n]*synthesize\.test\.ts:\d+:\d+\)?\n$/,
  );
});

test("what is found when all is declared is told by its sentence alone", () => {
  const { stderr, status } = runProgram(lab("example/app:1", { data: Volume.at("/data") }));

  expect(status).toBe(1);
  expect(stderr).toMatch(/^service "app" keeps data \(data\) that nobody backs up[^\n]*\n$/);
});

test("a mistake in a program, and whoever asks for it, gets the whole stack trace", () => {
  const mistake = runProgram(() => JSON.parse("{"));
  const asked = runProgram(lab("example/app:latest", {}), { CDKTF_HOMELAB_STACK_TRACES: "1" });

  for (const { stderr } of [mistake, asked]) expect(stderr.split("\n    at ").length).toBeGreaterThan(4);
  expect(mistake.stderr).toContain("SyntaxError");
});

test("cdktf is told news where it shows them as they are, everybody else on standard error", () => {
  const changed = expect.stringMatching(/ledger\.json changed, commit it: added app\/data\n/);

  expect(runProgram(lab("example/app:1", kept))).toMatchObject({ status: 0, stdout: "", stderr: changed });
  expect(runProgram(lab("example/app:1", kept), byCdktf)).toMatchObject({ status: 0, stdout: changed, stderr: "" });
  expect(runProgram(lab("example/app:latest", {}), byCdktf)).toMatchObject({ status: 1, stderr: "" });
});
