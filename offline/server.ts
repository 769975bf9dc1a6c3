import * as fs from "node:fs";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import * as path from "node:path";
import { CALLS, decodeRequest, encodeResponse, type Call } from "./protocol";
import { REGISTRIES } from "./provider-source";
import { OfflineProvider, type OfflineProviderOptions } from "./provider";
import { readRecording } from "./recording";
import { makeTemporaryFolder } from "./temporary-folder";

/** Options of `startServer()`. */
export interface ServerOptions extends OfflineProviderOptions {
  /** The folder of the recordings. */
  readonly recordings: string;
  /** The versions of the providers, by `namespace/name`. */
  readonly providers: Readonly<Record<string, string>>;
}

/** Providers that a Terraform can attach to. */
export interface OfflineServer {
  /** What to set `TF_REATTACH_PROVIDERS` to, for one command: nobody exports it into a shell. */
  readonly reattach: string;
  /** Ends the servers and removes their sockets. */
  close(): Promise<void>;
}

/** The longest path of a socket on Linux; macOS has four characters less. */
const LONGEST_SOCKET = 104;

/** gRPC's status codes that are answered here. */
const OK = 0;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;

/** Starts one server for each provider, on sockets of a temporary folder. */
export async function startServer(options: ServerOptions): Promise<OfflineServer> {
  const folder = makeTemporaryFolder("rpc");
  const servers: Http2Server[] = [];
  const reattach: Record<string, unknown> = {};
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const [index, [source, version]] of Object.entries(options.providers).entries()) {
      const recording = readRecording(options.recordings, source, version);
      const socket = path.join(folder, String(index));
      if (Buffer.byteLength(socket) > LONGEST_SOCKET) {
        throw new Error(`the path of a socket would be too long, ${socket}: set TMPDIR to a shorter folder`);
      }
      const server = serve(new OfflineProvider(recording, options));
      servers.push(server);
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(socket, resolve));
      const attached = {
        Protocol: "grpc",
        ProtocolVersion: 6,
        Pid: process.pid,
        Test: true,
        Addr: { Network: "unix", String: socket },
      };
      // Terraform and OpenTofu complete a source without a host each in its own way, and pass over the other's.
      for (const registry of REGISTRIES) reattach[`${registry}/${source}`] = attached;
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { reattach: JSON.stringify(reattach), close };
}

function serve(provider: OfflineProvider): Http2Server {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  const close = server.close.bind(server);
  server.close = (done) => {
    for (const session of sessions) session.destroy();
    return close(done);
  };
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => undefined); // Terraform hangs up when it has what it wants
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => void answer(provider, stream, String(headers[":path"]), Buffer.concat(chunks)));
  });
  return server;
}

async function answer(
  provider: OfflineProvider,
  stream: ServerHttp2Stream,
  target: string,
  body: Buffer,
): Promise<void> {
  const call = target.replace(/^\/tfplugin6\.Provider\//, "");
  if (!isCall(call)) {
    finish(stream, UNIMPLEMENTED, `${target} is not served`);
    return;
  }
  let message: Uint8Array;
  try {
    // A message of gRPC has a byte that says whether it is compressed, and four with its length.
    message =
      call === "GetProviderSchema"
        ? schemaOf(provider)
        : encodeResponse(call, await provider.answer(call, decodeRequest(call, body.subarray(5))));
  } catch (error) {
    finish(stream, INTERNAL, (error as Error).message);
    return;
  }
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  finish(stream, OK, "", Buffer.concat([prefix, message]));
}

const schemas = new WeakMap<OfflineProvider, Uint8Array>();

/** The schema of a provider, encoded once: every command of Terraform asks for it. */
function schemaOf(provider: OfflineProvider): Uint8Array {
  const known = schemas.get(provider) ?? encodeResponse("GetProviderSchema", provider.schema());
  schemas.set(provider, known);
  return known;
}

function finish(stream: ServerHttp2Stream, status: number, text: string, body = Buffer.alloc(0)): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => {
    stream.sendTrailers({ "grpc-status": String(status), ...(text && { "grpc-message": encodeURIComponent(text) }) });
  });
  stream.end(body);
}

function isCall(name: string): name is Call {
  return name in CALLS;
}
