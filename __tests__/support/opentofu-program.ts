import * as fs from "node:fs";
import * as path from "node:path";
import { copy, go, GoProgram } from "./go-program";

const GETTER = "github.com/hashicorp/go-getter";
const TRACES = "go.opentelemetry.io/contrib/exporters/autoexport";

/**
 * `tofu` without what reaches clouds: their backends, keys of states, sources of modules and traces. They are three
 * quarters of what would have to be compiled, and nothing here is offered to anybody.
 */
export const OPENTOFU = new GoProgram({
  name: "opentofu",
  folder: path.join(__dirname, "../opentofu"),
  module: "github.com/opentofu/opentofu",
  take: ["cmd", "internal", "version", "go.mod", "go.sum"],
  packages: ["./cmd/tofu"],
  recipe: __filename,
  complete: (source, program) => {
    const { Dir } = program.modulesOf(source, GETTER);
    const getter = path.join(source, "getter");
    fs.mkdirSync(getter);
    copy([`${Dir}/.`], getter);
    for (const name of fs.readdirSync(getter)) if (/_(s3|gcs)\.go$/.test(name)) fs.rmSync(path.join(getter, name));
    const clouds = /^.*\bnew\((getter\.)?(S3|GCS)(Getter|Detector)\).*\n/gm;
    leaveOut(path.join(getter, "get.go"), clouds);
    leaveOut(path.join(getter, "detect.go"), clouds);
    leaveOut(path.join(source, "internal/getmodules/getter.go"), clouds);
    leaveOut(
      path.join(source, "internal/backend/init/init.go"),
      /^.*\bbackend(Azure|Consul|Cos|GCS|Kubernetes|OSS|S3)\b.*\n/gm,
    );
    const keys = path.join(source, "internal/encryption/default_registry.go");
    leaveOut(keys, /^\t".*\/(aws_kms|azure_vault|gcp_kms|openbao)"\n/gm);
    leaveOut(keys, /^\tif err := .*\b(aws_kms|azure_vault|gcp_kms|openbao)\.New\(\).*\n.*\n\t\}\n/gm);
    go(source, "mod", "edit", "-replace", `${GETTER}=./getter`, "-replace", `${TRACES}=./autoexport`);
  },
});

/** Takes lines out of a source file, which has to have some: another version may be another. */
function leaveOut(file: string, lines: RegExp): void {
  const text = fs.readFileSync(file, "utf8");
  const less = text.replace(lines, "");
  if (less === text) throw new Error(`${file} has nothing of ${String(lines)}`);
  fs.writeFileSync(file, less);
}
