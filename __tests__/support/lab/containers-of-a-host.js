// What the containers of a host do, in one process that runs in their network: Docker's API as far as Traefik asks it,
// and services that answer with their name and with the request as they got it. The state is a file, read at each
// question; whoever replaces it tells by a line on stdin.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const readline = require("node:readline");

const [file] = process.argv.slice(2);
const state = () => JSON.parse(fs.readFileSync(file, "utf8"));
const listeners = new Set();
const ports = new Set();

/** https://docs.docker.com/reference/api/engine/ */
function docker(request, response) {
  const answer = (value) => {
    response.setHeader("Content-Type", "application/json");
    response.setHeader("Api-Version", "1.47");
    response.end(JSON.stringify(value));
  };
  const path = request.url.replace(/^\/v[\d.]+/, "").replace(/\?.*/, "");
  const { containers } = state();
  if (path === "/_ping") return answer("OK");
  if (path === "/version") return answer({ Version: "27.3.1", ApiVersion: "1.47", MinAPIVersion: "1.24" });
  if (path === "/containers/json") {
    return answer(containers.map(({ Id, Name, State }) => ({ Id, Names: [Name], State: State.Status, Labels: {} })));
  }
  if (path === "/events") {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.flushHeaders();
    listeners.add(response);
    return response.on("close", () => listeners.delete(response));
  }
  const found = containers.find(({ Id }) => path === `/containers/${Id}/json`);
  if (found) return answer(found);
  response.statusCode = 404;
  answer({ message: `no such thing: ${path}` });
}

const serviceOf = (socket) => state().services[`${socket.localAddress.replace(/^::ffff:/, "")}:${socket.localPort}`];

function service(request, response) {
  const { method, url, headers, rawHeaders } = request;
  const name = serviceOf(request.socket);
  response.setHeader("Content-Type", "application/json");
  response.setHeader("X-Answered-By", name ?? "nobody");
  request.resume().on("end", () => response.end(JSON.stringify({ service: name, method, url, headers, rawHeaders })));
}

/** RFC 6455: shakes hands, and sends one text with the service's name. */
function websocket(request, socket) {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const text = Buffer.from(serviceOf(socket) ?? "nobody");
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Answered-By: ${text}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  socket.on("error", () => socket.destroy());
}

function follow() {
  for (const name of Object.keys(state().services)) {
    const port = Number(name.split(":")[1]);
    if (ports.has(port)) continue;
    ports.add(port);
    const server = http.createServer(service).on("upgrade", websocket);
    server.keepAliveTimeout = 60_000;
    server.listen(port, "0.0.0.0");
  }
  const event = { Type: "container", Action: "start", Actor: { ID: "any" }, time: 1, timeNano: 1 };
  for (const listener of listeners) listener.write(`${JSON.stringify(event)}\n`);
  process.stdout.write("followed\n");
}

http.createServer(docker).listen(2375, "0.0.0.0", follow);
readline.createInterface({ input: process.stdin }).on("line", follow);
