import { spawn } from "node:child_process";
import * as net from "node:net";
import type { Manifest } from "../contract/manifest";
import type { Defer } from "../process/until-end";
import { findHost, sshWords } from "./ssh";

type Server = Manifest["databaseServers"][number];

/**
 * Opens an SSH tunnel to each database server that is reached through a host, and returns the Terraform variables that
 * lead its provider there. Every tunnel ends with the work that it was opened for.
 */
export async function openTunnels(
  manifest: Manifest,
  servers: readonly Server[],
  defer: Defer,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const { name, host, port, through } of servers) {
    if (!through) continue;
    const local = await freePort();
    const target = `127.0.0.1:${local}:${host.includes(":") ? `[${host}]` : host}:${port}`;
    const words = ["-T", "-o", "ExitOnForwardFailure=yes", "-L", target];
    // It ends with its input, and so with this process, however that ends; Ctrl-C is for the command alone.
    const child = spawn("ssh", [...words, ...sshWords(findHost(manifest, through.host)), "cat >/dev/null"], {
      env: process.env,
      stdio: ["pipe", "ignore", "pipe"],
      detached: true,
    });
    child.stdin.on("error", () => undefined); // how it ended is told below
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
    const ended = new Promise<never>((_resolve, reject) => {
      const explain = (): string => complaint.trim().split("\n").slice(-3).join(" ");
      child.on("error", reject);
      child.on("close", () => {
        reject(new Error(`the tunnel through ${through.host} to database server ${name} ended: ${explain()}`));
      });
    });
    ended.catch(() => undefined); // told to whoever waits for the tunnel; afterwards its providers tell
    defer(() => void child.kill("SIGTERM"));
    await Promise.race([ended, answers(local)]);
    variables[through.hostVariable] = "127.0.0.1";
    variables[through.portVariable] = String(local);
  }
  return variables;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo; // it listens on TCP
      server.close(() => {
        resolve(port);
      });
    });
  });
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = net
        .connect(port, "127.0.0.1")
        .on("connect", () => {
          resolve(true);
        })
        .on("error", () => {
          resolve(false);
        })
        .on("close", () => socket.destroy());
      socket.on("connect", () => socket.end());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
