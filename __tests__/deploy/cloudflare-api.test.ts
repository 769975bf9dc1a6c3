import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { CloudflareApi } from "../../deploy/cloudflare-api";

const TOKEN = "an/own+token";
let server: http.Server;
let answer: object;

beforeEach(async () => {
  server = http.createServer((_request, response) => response.writeHead(403).end(JSON.stringify(answer)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const messageOf = async (base: string, token = TOKEN): Promise<string> =>
  new CloudflareApi("a1", token, base).findTunnel("home").then(
    () => "",
    (error: unknown) => (error as Error).message,
  );
const here = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test("an error of the API is one line, without commands for a terminal and without the token, however it is quoted", async () => {
  const forms = [TOKEN, encodeURIComponent(TOKEN)].join(" ");
  answer = { success: false, errors: [{ message: `\u001b[2Jno right for ${forms}\nhomelab: all is well\u202e` }, {}] };

  expect(await messageOf(here())).toBe(
    "Cloudflare answers 403: �[2Jno right for … …⏎homelab: all is well�; the token needs the right Account / Cloudflare Tunnel / Edit",
  );
});

test("what can't be asked says why, without the token", async () => {
  answer = {};
  const closed = here();
  await new Promise((resolve) => server.close(resolve));
  server = http.createServer().listen(0);

  expect(await messageOf(closed)).toMatch(/^Cloudflare can't be asked: fetch failed: connect ECONNREFUSED/);
  for (const token of ["two\nlines", "snow ☃ man"]) expect(await messageOf(closed, token)).not.toContain(token);
});
