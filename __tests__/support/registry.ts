import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { Daemon } from "./daemon";
import { cacheFolder } from "./debian-tree";
import { waitFor } from "./ports";
import { missing } from "./programs";

const SOURCE = path.join(__dirname, "../registry");

/** The distribution registry, which serves Docker's own one as well, on an address of this machine. */
export class Registry {
  /** What is not there for it. */
  public static missing(): string | undefined {
    return missing(["go", "tar"]);
  }

  /** Starts one with its files in a folder; `go` builds it once on a machine. */
  public static async start(address: string, folder: string): Promise<Registry> {
    fs.mkdirSync(folder, { recursive: true });
    const log = path.join(folder, "registry.log");
    const daemon = new Daemon([program(), `${address}:0`, path.join(folder, "images")], log);
    let place: string | undefined;
    await waitFor("the registry listens", () => {
      [, place] = new RegExp(`^(${address}:\\d+)$`, "m").exec(fs.readFileSync(log, "utf8")) ?? [];
      if (place === undefined && !daemon.isRunning) throw new Error(fs.readFileSync(log, "utf8"));
      return place !== undefined;
    });
    return new Registry(daemon, `http://${place}`);
  }

  private constructor(
    private readonly daemon: Daemon,
    /** What an engine has among its mirrors. */
    public readonly url: string,
  ) {}

  /** Makes an image of a folder, with the name and tag that it has at Docker's own registry. */
  public async push(image: string, rootFolder: string, config: object): Promise<void> {
    const [name = "", tag = "latest"] = image.replace("docker.io/", "").split(":");
    const layer = execFileSync("tar", ["-C", rootFolder, "--owner=0", "--group=0", "--numeric-owner", "-c", "."], {
      maxBuffer: 2 ** 28,
    });
    const description = JSON.stringify({
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      config,
      rootfs: { type: "layers", diff_ids: [digest(layer)] },
    });
    await this.blob(name, layer);
    await this.blob(name, Buffer.from(description));
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: `${TYPES}.container.image.v1+json`, size: description.length, digest: digest(description) },
      layers: [{ mediaType: `${TYPES}.image.rootfs.diff.tar`, size: layer.length, digest: digest(layer) }],
    };
    await this.send("PUT", `/v2/${name}/manifests/${tag}`, JSON.stringify(manifest), MANIFEST);
  }

  /** Ends it. */
  public async stop(): Promise<void> {
    await this.daemon.stop();
  }

  private async blob(name: string, bytes: Buffer): Promise<void> {
    const begun = await this.send("POST", `/v2/${name}/blobs/uploads/`);
    const to = new URL(begun.headers.get("location") ?? "", this.url);
    to.searchParams.set("digest", digest(bytes));
    await this.send("PUT", to.pathname + to.search, bytes, "application/octet-stream");
  }

  private async send(method: string, where: string, body?: string | Buffer, type?: string): Promise<Response> {
    const headers = type === undefined ? undefined : { "Content-Type": type };
    const answer = await fetch(this.url + where, { method, headers, body: body && new Uint8Array(Buffer.from(body)) });
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

const TYPES = "application/vnd.docker";
const MANIFEST = `${TYPES}.distribution.manifest.v2+json`;

function digest(content: string | Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function program(): string {
  const sources = ["main.go", "go.mod", "go.sum"].map((name) => fs.readFileSync(path.join(SOURCE, name), "utf8"));
  const file = path.join(cacheFolder(), `registry-${digest(sources.join()).slice(7, 15)}`);
  if (!fs.existsSync(file)) {
    const unfinished = `${file}.${process.pid}`;
    const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" };
    execFileSync("go", ["build", "-o", unfinished, "."], { cwd: SOURCE, env, stdio: ["ignore", "ignore", "pipe"] });
    fs.renameSync(unfinished, file);
  }
  return file;
}
