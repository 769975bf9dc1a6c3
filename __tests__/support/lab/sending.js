// Sends requests from the network that it is started in: one JSON document a line on stdin, an answer for each on stdout.
const fs = require("node:fs");
const http2 = require("node:http2");
const https = require("node:https");
const readline = require("node:readline");

const [ca] = process.argv.slice(2).map((file) => fs.readFileSync(file));
const agent = new https.Agent({ keepAlive: true, ca, maxSockets: 8 });
const sessions = new Map();

/** HTTP/1.1; `path` goes into the request line as it is, `headers` as names and values in their order. */
function http1({ address, name, method, path, headers, body, upgrade, from }, answer) {
  const sent = body === undefined ? [] : ["Content-Length", `${Buffer.byteLength(body)}`];
  const options = {
    host: address,
    port: 443,
    servername: name,
    method,
    path,
    headers: [...headers, ...sent],
    agent,
    setHost: false,
    localAddress: from,
  };
  if (upgrade) options.agent = new https.Agent({ ca });
  const request = https.request(options, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => {
      answer({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
  });
  request.on("upgrade", ({ statusCode, headers: got }, socket, head) => {
    const told = (data) => {
      answer({ status: statusCode, headers: got, body: data.subarray(2).toString() });
      socket.destroy();
    };
    if (head.length > 2) told(head);
    else socket.once("data", told);
  });
  request.on("error", (error) => answer({ status: 0, headers: {}, body: error.message }));
  request.setTimeout(10_000, () => request.destroy(new Error("no answer in 10 s")));
  request.end(body);
}

function http2Session(address, name, from) {
  const key = `${address} ${name} ${from}`;
  const known = sessions.get(key);
  if (known && !known.closed && !known.destroyed) return known;
  const session = http2.connect(`https://${address}:443`, { ca, servername: name, localAddress: from });
  session.on("error", () => session.destroy());
  sessions.set(key, session);
  return session;
}

function http2Request({ address, name, method, path, headers, from }, answer) {
  const own = { ":method": method, ":path": path, ":scheme": "https" };
  for (let i = 0; i < headers.length; i += 2) {
    const header = headers[i].toLowerCase();
    if (header === "connection") continue; // there is none in HTTP/2
    own[header === "host" ? ":authority" : header] = headers[i + 1];
  }
  const stream = http2Session(address, name, from).request(own);
  const chunks = [];
  let got = {};
  stream.on("response", (given) => (got = given));
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("end", () => {
    const { ":status": status, ...rest } = got;
    answer({ status: status ?? 0, headers: rest, body: Buffer.concat(chunks).toString() });
  });
  stream.on("error", (error) => answer({ status: 0, headers: {}, body: error.message }));
  stream.end();
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, ...asked } = JSON.parse(line);
  let isAnswered = false;
  const answer = (got) => {
    if (isAnswered) return;
    isAnswered = true;
    process.stdout.write(`${JSON.stringify({ id, ...got })}\n`);
  };
  try {
    if (asked.protocol === "HTTP/2") http2Request(asked, answer);
    else http1(asked, answer);
  } catch (error) {
    answer({ status: 0, headers: {}, body: error.message });
  }
});
