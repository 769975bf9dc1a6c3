import { createServer, type AddressInfo } from "node:net";

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something holds, at most some seconds. */
export async function waitFor(what: string, holds: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  for (const started = Date.now(); !(await holds());) {
    if (Date.now() - started > seconds * 1000) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
