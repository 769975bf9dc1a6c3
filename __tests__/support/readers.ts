import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { cacheFolder } from "./debian-tree";
import { missing } from "./programs";

/** Programs that read documents: Python's YAML, and in Go Traefik's and Authelia's, another one, and a Markdown. */
export type Reader = "PyYAML" | "yaml.v3" | "yaml/v4" | "goccy" | "markdown";

/** What a reader made of a document: a value, or an error. */
export interface Reading {
  readonly value?: unknown;
  readonly error?: string;
}

const SOURCE = path.join(__dirname, "../readers");

const PYTHON = `
import json, sys, yaml
for line in sys.stdin:
    try:
        print(json.dumps({"value": yaml.safe_load(json.loads(line)["text"])}, default=repr))
    except Exception as error:
        print(json.dumps({"error": str(error)}))
`;

/** What is not there for them. */
export function missingReaders(): string | undefined {
  if (spawnSync("python3", ["-c", "import yaml"]).status !== 0) return "Python's YAML not installed";
  return missing(["go"]);
}

/** What a reader makes of documents. `go` builds those in Go once on a machine. */
export function readAll(reader: Reader, documents: readonly string[]): Reading[] {
  const [command = "", ...words] = reader === "PyYAML" ? ["python3", "-c", PYTHON] : [program()];
  const input = documents.map((text) => `${JSON.stringify({ kind: reader, text })}\n`).join("");
  const said = execFileSync(command, words, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  const answers = said.trimEnd().split("\n");
  if (answers.length !== documents.length) throw new Error(`${reader} answered ${answers.length} times: ${said}`);
  return answers.map((answer) => JSON.parse(answer) as Reading);
}

function program(): string {
  const sources = ["main.go", "go.mod", "go.sum"].map((name) => fs.readFileSync(path.join(SOURCE, name), "utf8"));
  const hash = createHash("sha256").update(sources.join()).digest("hex").slice(0, 8);
  const file = path.join(cacheFolder(), `readers-${hash}`);
  if (!fs.existsSync(file)) {
    const unfinished = `${file}.${process.pid}`;
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" };
    execFileSync("go", ["build", "-o", unfinished, "."], { cwd: SOURCE, env, stdio: ["ignore", "ignore", "pipe"] });
    fs.renameSync(unfinished, file);
  }
  return file;
}
