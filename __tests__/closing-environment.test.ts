import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-suites-"));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const SERVER = `const server = require("node:net").createServer();
  beforeAll(() => new Promise((resolve) => server.listen(0, resolve)));`;

test("a suite that leaves something open fails with what it is, and jest ends", () => {
  const suites = {
    server: `${SERVER} test("passes", () => {});`,
    program: `test("passes", () => void require("node:child_process").spawn("sleep", ["60"], { stdio: "ignore" }));`,
    cause: `${SERVER} test("fails", () => { throw new Error("the cause"); });`,
    closed: `${SERVER} test("passes", () => {}); afterAll(() => void server.close());`,
  };
  for (const [name, text] of Object.entries(suites)) fs.writeFileSync(path.join(folder, `${name}.test.js`), text);

  const { status, stdout } = runJest();

  const results = JSON.parse(stdout).testResults as { name: string; message: string }[];
  expect(Object.fromEntries(results.map(({ name, message }) => [path.basename(name, ".test.js"), message]))).toEqual({
    server: expect.stringContaining("the suite leaves open: TCPServerWrap"),
    program: expect.stringContaining("the suite leaves open: ProcessWrap"),
    cause: expect.stringMatching(/the cause[^]*the suite leaves open: TCPServerWrap/),
    closed: "",
  });
  expect(status).toBe(1);
});

/** With the environment of all tests here, which is less patient for once. */
function runJest(): { readonly status: number | null; readonly stdout: string } {
  const { testEnvironment, forceExit } = jest.requireActual<{ testEnvironment: string; forceExit: boolean }>(
    "../jest.config.js",
  );
  const root = path.join(__dirname, "..");
  const own = {
    testEnvironment: testEnvironment.replace("<rootDir>", root),
    testEnvironmentOptions: { patience: 200 },
    forceExit,
    transform: {},
  };
  fs.writeFileSync(path.join(folder, "jest.config.json"), JSON.stringify(own));
  const words = [path.join(root, "node_modules/jest/bin/jest.js"), "--runInBand", "--json", "--rootDir", folder];
  return spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", timeout: 60_000 });
}
