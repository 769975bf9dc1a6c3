import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { App } from "cdktf";
import { homelab } from "../../cli/homelab";
import { Backup, HomelabService, PostgresDatabase, Probe } from "../../constructs";
import { Homelab } from "../../stacks";
import { inventory } from "../support/synthesis";

test("run withholds the secrets of other stacks, and no other variable of Terraform", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-run-"));
  const environment = process.env;
  try {
    const app = new App({ outdir: path.join(folder, "out") });
    const lab = new Homelab(app, inventory());
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1.0.0",
      user: "1000:1000",
      health: Probe.none("test"),
      parts: { db: PostgresDatabase.on(lab.postgres("main")), none: Backup.none("test") },
      environment: ({ db }) => ({ PASSWORD_FILE: db.passwordFile() }),
    });
    app.synth();
    process.env = {
      ...environment,
      TF_VAR_homelab_postgres_main_admin_pass: "the administrator's",
      TF_VAR_webservices_app_db_pass: "the application's",
      TF_VAR_homelab_adopt: '["postgresql_database.app_db"]',
      SOPS_AGE_KEY_FILE: "/nowhere",
    };

    const file = path.join(folder, "environment");
    const words = ["run", "--", "sh", "-c", `env > ${file}; : app-01`, "app-01"];
    await homelab().parseAsync(["--out", path.join(folder, "out"), ...words], { from: "user" });

    const given = fs.readFileSync(file, "utf8").split("\n");
    expect(given.filter((line) => /^(TF_VAR_|SOPS_)/.test(line)).sort()).toEqual([
      'TF_VAR_homelab_adopt=["postgresql_database.app_db"]',
      "TF_VAR_webservices_app_db_pass=the application's",
    ]);
  } finally {
    process.env = environment;
    fs.rmSync(folder, { recursive: true });
  }
});
