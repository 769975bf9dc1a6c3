import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as path from "node:path";
import { cacheFolder } from "./debian-tree";

/** Brings packages to a machine that has no way into the internet, and keeps each: apt knows them by their hashes. */
export class PackageProxy {
  /** Starts one at an address of this machine. */
  public static async start(address: string): Promise<PackageProxy> {
    const kept = path.join(cacheFolder(), "packages");
    fs.mkdirSync(kept, { recursive: true });
    const server = createServer((incoming, answer) => serve(kept, incoming, answer));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return new PackageProxy(server, address);
  }

  private constructor(
    private readonly server: Server,
    private readonly address: string,
  ) {}

  /** What apt is configured with. */
  public get url(): string {
    const place = this.server.address();
    return `http://${this.address}:${typeof place === "object" ? place?.port : ""}`;
  }

  /** Ends it. */
  public stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** The proxy that this machine's own apt goes through, if it does. */
const UPSTREAM = /Acquire::http::Proxy "(http:[^"]+)"/.exec(
  spawnSync("apt-config", ["dump", "Acquire::http::Proxy"], { encoding: "utf8" }).stdout,
)?.[1];

function serve(folder: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const url = incoming.url ?? "";
  const isPackage = url.endsWith(".deb");
  const file = path.join(folder, createHash("sha256").update(url).digest("hex"));
  if (isPackage && fs.existsSync(file)) {
    fs.createReadStream(file).pipe(answer);
    return;
  }
  const headers = { ...incoming.headers };
  const to = new URL(UPSTREAM ?? url);
  const outgoing = request(
    { host: to.hostname, port: to.port || 80, path: UPSTREAM ? url : to.pathname + to.search, headers },
    (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      if (!isPackage || got.statusCode !== 200) {
        got.pipe(answer);
        return;
      }
      const pieces: Buffer[] = [];
      got
        .on("data", (piece: Buffer) => pieces.push(piece))
        .on("end", () => {
          const bytes = Buffer.concat(pieces);
          fs.writeFileSync(`${file}.${process.pid}`, bytes);
          fs.renameSync(`${file}.${process.pid}`, file);
          answer.end(bytes);
        });
    },
  );
  outgoing.on("error", (error) => answer.writeHead(502).end(error.message)).end();
}
