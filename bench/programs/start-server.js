// Starts the providers of a lab, says when they are ready and what they took, and ends.
const { recordingsFolder } = require("../../dist/offline/providers");
const { startServer } = require("../../dist/offline/server");

void startServer({
  recordings: recordingsFolder(),
  providers: {
    "kreuzwerker/docker": "4.5.0",
    "cyrilgdn/postgresql": "1.26.0",
    "cloudflare/cloudflare": "5.14.0",
    "hashicorp/null": "3.2.4",
  },
}).then(async (server) => {
  console.log(JSON.stringify({ ready: performance.now(), memory: process.memoryUsage().rss / 2 ** 20 }));
  await server.close();
});
