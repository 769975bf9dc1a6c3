import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { agentProgram } from "../../../constructs/backup/agent-program/agent-program";
import { REDIS_DUMP } from "../../../constructs/backup/agent-program/redis-dump";

/** As redis-cli and redis-check-rdb of 7.0 say it. */
const SENT = "SYNC sent to master, writing bytes of bulk transfer until EOF marker to '-'";
const CHECKED = `[offset 27] AUX FIELD redis-ver = '7.0.15'
[offset 5462] \\\\o/ RDB looks OK! \\\\o/
[info] 500 keys read`;

let folder: string;
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-redis-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** What a dump comes to, with a server that sends so many bytes and whose program reads them or not. */
function dumped(server: { readonly sends: string; readonly says?: string; readonly checks?: string }): any {
  const { sends, says = "", checks = CHECKED } = server;
  const script = `state=${folder} service=app problem= sizes= dumped= expected=
mkdir -p "$state/dumps/app" "$state/scratch/app"
patiently() { "$@"; }
say() { :; }
last() { tail -n 1 "$1"; }
trouble() { problem=$1; }
text() { printf '"%s"' "$1"; }
docker() {
  case $* in
    "exec app-queue redis-cli -e --rdb -") ${sends}; printf '%s\\n' "${says}" >&2; [ -n "${says}" ] ;;
    "exec -i app-queue redis-check-rdb /dev/stdin") cat > /dev/null; printf '%b\\n' "${checks}" ;;
  esac
}
${REDIS_DUMP}
dump_redis redis queue.data app-queue
printf '%s|%s|%s|%s' "$problem" "$sizes" "$dumped" "$expected"`;
  const { stdout, stderr } = spawnSync("sh", ["-euc", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  const [problem, sizes, json, expected] = stdout.split("|");
  return { problem, sizes: sizes?.trim(), expected: expected?.trim(), dump: json ? JSON.parse(json) : undefined };
}

test("a dump is what the server sent, without the mark behind it, with its version and size", () => {
  expect(
    dumped({ sends: "printf 'REDISdatamark'", says: `${SENT}\nTransfer finished with success after 9 bytes` }),
  ).toEqual({
    problem: "",
    sizes: "9 source/dumps/queue.data.rdb",
    expected: "source/dumps/queue.data.rdb",
    dump: { part: "queue.data", kind: "redis", version: "7.0.15", bytes: 9 },
  });
  expect(fs.readFileSync(path.join(folder, "dumps/app/queue.data.rdb"), "utf8")).toBe("REDISdata");
  const beside = JSON.parse(fs.readFileSync(path.join(folder, "dumps/app/queue.data.json"), "utf8"));
  expect(beside).toMatchObject({ part: "queue.data", keys: 500, bytes: 9 });
});

test.each([
  ["a server that sends nothing", { sends: "true" }, "part queue.data can't be dumped"],
  [
    "a dump that was cut",
    { sends: "printf REDIS", says: SENT, checks: "[info] 173 keys read" },
    "can't be read: [info] 173",
  ],
])("fails for %s, and leaves no dump", (_what, server, problem) => {
  expect(dumped(server)).toMatchObject({ problem: expect.stringContaining(problem), expected: "", dump: undefined });
  expect(fs.readdirSync(path.join(folder, "dumps/app"))).toEqual(["queue.data.part"]);
});

test("a run asks for them", () => {
  for (const engine of ["borgmatic", "restic"] as const)
    expect(agentProgram(engine)).toContain("each_line redis dump_redis");
});
