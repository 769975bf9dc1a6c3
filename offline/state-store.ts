import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A backend of Terraform that keeps states in memory: writing the local file after every resource takes most of the
 * time of an offline apply.
 */
export class StateStore {
  /** Starts a store on a port of the loopback interface. */
  public static async start(): Promise<StateStore> {
    const states = new Map<string, string>();
    const server = createServer((request, response) => {
      const name = request.url ?? "/";
      if (request.method === "GET") {
        const state = states.get(name);
        response.writeHead(state === undefined ? 404 : 200).end(state);
        return;
      }
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (request.method === "POST") states.set(name, Buffer.concat(chunks).toString());
        response.writeHead(200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new StateStore(server, states);
  }

  private constructor(
    private readonly server: Server,
    /** The states by the path of their address. */
    public readonly states: ReadonlyMap<string, string>,
  ) {}

  /** The backend of one stack. */
  public backend(stack: string): Record<string, unknown> {
    const { port } = this.server.address() as AddressInfo; // it listens on a port
    return { http: { address: `http://127.0.0.1:${port}/${encodeURIComponent(stack)}` } };
  }

  /** Ends the store; the states are gone. */
  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
