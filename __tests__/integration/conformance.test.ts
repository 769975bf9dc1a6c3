import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { startServer, type OfflineServer } from "../../offline/server";
import { missing, suite, terraformEnvironment } from "../support/programs";

const run = promisify(execFile);
const root = path.join(__dirname, "../..");

const OF_HOSTS = { "kreuzwerker/docker": "4.5.0", "cyrilgdn/postgresql": "1.26.0", "hashicorp/null": "3.2.4" };
const PROVIDERS = {
  "docker-postgresql": OF_HOSTS,
  emitted: OF_HOSTS,
  cloudflare: { "cloudflare/cloudflare": "5.14.0" },
};

interface Expected {
  readonly actions: readonly string[];
  readonly replace_paths?: readonly unknown[];
  readonly previous_address?: string;
}

suite("the plans of recorded providers", missing(["terraform"]), () => {
  describe.each(Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[])("%s", (corpus) => {
    const cases: Record<string, { configuration: object; expected: Record<string, Expected> }> = JSON.parse(
      fs.readFileSync(path.join(root, "conformance", `${corpus}.cases.json`), "utf8"),
    );
    const state = path.join(root, "conformance", `${corpus}.tfstate.json`);
    let server: OfflineServer;
    let folder: string;

    beforeAll(async () => {
      server = await startServer({ recordings: path.join(root, "schemas"), providers: PROVIDERS[corpus] });
      folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-conformance-"));
    });
    afterAll(async () => {
      await server.close();
      fs.rmSync(folder, { recursive: true });
    });

    test.each(Object.keys(cases))("%s", async (name) => {
      const { configuration, expected } = cases[name] ?? { configuration: {}, expected: {} };
      const cwd = path.join(folder, name);
      fs.mkdirSync(cwd);
      fs.writeFileSync(path.join(cwd, "main.tf.json"), JSON.stringify(configuration, null, 2));
      fs.copyFileSync(state, path.join(cwd, "terraform.tfstate"));
      const env = terraformEnvironment({ TF_REATTACH_PROVIDERS: server.reattach, TF_VAR_db_pass: "x" });
      const terraform = (...words: string[]) => run("terraform", words, { cwd, env, maxBuffer: 64 * 1024 * 1024 });

      await terraform("init", "-input=false");
      await terraform("plan", "-refresh=false", "-input=false", "-out=plan");
      const { stdout } = await terraform("show", "-json", "plan");

      const planned = (JSON.parse(stdout).resource_changes as any[]).map(
        ({ address, change, previous_address: previous }) => [
          address,
          {
            actions: change.actions,
            ...(change.replace_paths && { replace_paths: sorted(change.replace_paths) }),
            ...(previous && { previous_address: previous }),
          },
        ],
      );
      const wanted = Object.entries(expected).map(([address, change]) => [
        address,
        { ...change, ...(change.replace_paths && { replace_paths: sorted(change.replace_paths) }) },
      ]);
      expect(Object.fromEntries(planned)).toEqual(Object.fromEntries(wanted));
    });
  });
});

function sorted(paths: readonly unknown[]): unknown[] {
  return [...paths].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
