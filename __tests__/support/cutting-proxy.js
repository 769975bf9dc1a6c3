// A TCP proxy that cuts every connection after some bytes of its client: PORT TARGET BYTES. A process of its own, since
// the test that uses it waits for Terraform.
const net = require("node:net");

const [port, target, limit] = process.argv.slice(2).map(Number);

net
  .createServer((client) => {
    const server = net.connect(target, "127.0.0.1");
    let sent = 0;
    client.on("data", (bytes) => {
      sent += bytes.length;
      if (sent <= limit) return void server.write(bytes);
      client.destroy();
      server.destroy();
    });
    server.on("data", (bytes) => client.write(bytes));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ])
      one.on("close", () => other.destroy()).on("error", () => other.destroy());
  })
  .listen(port, "127.0.0.1", () => process.stdout.write("ready\n"));
