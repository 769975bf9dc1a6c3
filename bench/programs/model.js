// What the three programs have in common: the measurement, and the documents of one service as plain objects.
const fs = require("node:fs");
const path = require("node:path");

const HOSTS = 10;
const ZONE = "0".repeat(32);
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAx4mWcYHW1kkQHhYyqQ5m2uK0mXc0V7D9nVQ2mZ3xkT";

/** Runs a program for the number of services and the folder on its command line, and prints what it took. */
function measure(program) {
  const services = Number(process.argv[2]);
  const outdir = process.argv[3];
  fs.mkdirSync(outdir, { recursive: true });
  const started = process.cpuUsage();
  const at = performance.now();
  program(services, outdir);
  const work = performance.now() - at;
  const { user, system } = process.cpuUsage(started);
  console.log(JSON.stringify({ work, cpu: (user + system) / 1000, memory: process.resourceUsage().maxRSS / 1024 }));
}

/** The labels of a container, 15 of them. */
function labels(name) {
  const router = `traefik.http.routers.${name}_web`;
  return {
    "traefik.enable": "true",
    "traefik.docker.network": "proxy",
    [`${router}.rule`]: `Host(\`${name}.example.com\`)`,
    [`${router}.entrypoints`]: "websecure",
    [`${router}.tls`]: "true",
    [`${router}.tls.certresolver`]: "letsencrypt",
    [`${router}.service`]: `${name}_web`,
    [`${router}.middlewares`]: "authelia@file",
    [`traefik.http.services.${name}_web.loadbalancer.server.port`]: "8080",
    "homelab.fingerprint": "0123456789abcdef",
    ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`com.example.label-${number}`, `value ${number}`])),
  };
}

/** A shell script of about as many characters as the library sends to a host, and the program that sends it. */
const SCRIPT = `homelab() {\nset -eu\n${"# a line of a script that places files on a host, as long as most lines are\n".repeat(44)}}\n`;
const SEND = "# a line of the program that sends a script to a host\n".repeat(22);

/** The provisioner that places the password of a service, given as an expression. */
function provisioner(password) {
  return {
    type: "local-exec",
    command: "a script on a host",
    environment: {
      HOMELAB_SCRIPT: "HOMELAB_SCRIPT_0",
      HOMELAB_SCRIPT_0: `${SCRIPT}db_pass ${password}`,
    },
    interpreter: ["/bin/sh", "-c", SEND],
  };
}

function write(outdir, name, document) {
  const folder = path.join(outdir, "stacks", name);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify(document, null, 2));
}

module.exports = { HOSTS, HOST_KEY, ZONE, labels, measure, provisioner, write };
