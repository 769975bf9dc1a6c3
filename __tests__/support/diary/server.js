// A small service for tests: keeps lines in a database and in a volume, and shows what its container was given.
const fs = require("node:fs");
const http = require("node:http");
const { Client } = require("pg");

async function query(text, values) {
  const client = new Client({
    host: process.env.DIARY_DB_HOST,
    port: Number(process.env.DIARY_DB_PORT),
    user: process.env.DIARY_DB_USER,
    database: process.env.DIARY_DB_NAME,
    password: fs.readFileSync(process.env.DIARY_DB_PASSWORD_FILE, "utf8"),
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

let motto = "";
const readMotto = () => {
  if (fs.existsSync("/etc/motto/motto")) motto = fs.readFileSync("/etc/motto/motto", "utf8");
};
readMotto();
process.on("SIGHUP", readMotto);

const routes = {
  "GET /health": async () => (await query("SELECT 1 AS one"))[0],
  "POST /rows": async (body) => {
    await query("CREATE TABLE IF NOT EXISTS rows (text text)");
    await query("INSERT INTO rows VALUES ($1)", [body]);
  },
  "GET /rows": async () => (await query("SELECT text FROM rows")).map(({ text }) => text),
  "POST /notes": async (body) => fs.appendFileSync("/data/notes", `${body}\n`),
  "GET /notes": async () => (fs.existsSync("/data/notes") ? fs.readFileSync("/data/notes", "utf8") : ""),
  "GET /film": async () => fs.readFileSync("/films/film", "utf8"),
  "GET /settings": async () => fs.readFileSync("/etc/diary/settings.conf", "utf8"),
  "GET /motto": async () => motto,
  "GET /secret": async () => {
    const { mode, uid } = fs.statSync(process.env.DIARY_DB_PASSWORD_FILE);
    return { mode: (mode & 0o777).toString(8), uid, environment: JSON.stringify(process.env) };
  },
};

http
  .createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", async () => {
      try {
        const route = routes[`${request.method} ${request.url}`];
        const answer = (await route?.(Buffer.concat(chunks).toString())) ?? null;
        response.writeHead(route ? 200 : 404).end(JSON.stringify(answer));
      } catch (error) {
        response.writeHead(500).end(JSON.stringify(String(error)));
      }
    });
  })
  .listen(8080);
process.on("SIGTERM", () => process.exit(0));
