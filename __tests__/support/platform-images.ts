import * as fs from "node:fs";
import * as path from "node:path";
import type { Registry } from "./registry";

/** A program in the place of a real one: shell text by file, and how the image starts it. */
interface StandIn {
  readonly files: Readonly<Record<string, string>>;
  readonly start: { readonly Entrypoint?: readonly string[]; readonly Cmd?: readonly string[] };
}

/** A server of files that ends when it is asked to, as the first process of a container does not by itself. */
const serve = (...ports: number[]): string =>
  `trap 'exit 0' TERM\n${ports.map((port) => `httpd -f -p ${port} -h /www &`).join("\n")}\nwait`;
const asks = (port: number): string => `exec wget -q -O /dev/null http://127.0.0.1:${port}/`;

/**
 * What the platform's images do as far as a host sees it: they start with the files, users and secrets that the real
 * ones need, keep data where those keep it, and answer the health checks that are declared for them.
 */
const STAND_INS: Readonly<Record<string, StandIn>> = {
  "docker.io/library/traefik:3.7.9": {
    files: {
      "/usr/local/bin/traefik": [
        `[ "\${1:-}" != healthcheck ] || { ${asks(443)}; }`,
        "set -e",
        "grep -q entryPoints /etc/traefik/traefik.yml",
        'test -s "$CF_DNS_API_TOKEN_FILE"',
        serve(80, 443),
      ].join("\n"),
    },
    start: { Cmd: ["/usr/local/bin/traefik"] },
  },
  "docker.io/tecnativa/docker-socket-proxy:0.3.0": {
    files: { "/start": `test -S /var/run/docker.sock && : > /www/_ping\n${serve(2375)}` },
    start: { Cmd: ["/start"] },
  },
  "docker.io/authelia/authelia:4.39.20": {
    files: {
      "/app/healthcheck.sh": asks(9091),
      "/usr/local/bin/authelia": [
        "set -e",
        'if [ "$1" = config ]; then exec grep -q access_control "$4"; fi',
        'grep -q access_control "$2"',
        'test -s "$AUTHELIA_SESSION_SECRET_FILE" && test -s "$AUTHELIA_STORAGE_POSTGRES_PASSWORD_FILE"',
        serve(9091),
      ].join("\n"),
    },
    start: { Entrypoint: ["/usr/local/bin/authelia"] },
  },
  "docker.io/library/redis:7.4.1": {
    files: {
      "/usr/local/bin/redis-cli": asks(6379),
      "/usr/local/bin/redis-server": `set -e\necho a session >> /data/appendonly\n${serve(6379)}`,
    },
    start: { Cmd: ["redis-server"] },
  },
  "docker.io/library/postgres:17.2": {
    files: {
      "/usr/local/bin/pg_isready": asks(5432),
      "/start": `set -e\ntest -s "$POSTGRES_PASSWORD_FILE"\necho started >> /var/lib/postgresql/data/log\n${serve(5432)}`,
    },
    start: { Cmd: ["/start"] },
  },
  "docker.io/traefik/whoami:v1.10.3": { files: { "/whoami": serve(80) }, start: { Entrypoint: ["/whoami"] } },
};

/** Makes the images of the platform, with the names and tags of the catalogue, and hands them to a registry. */
export async function pushPlatformImages(registry: Registry, folder: string): Promise<void> {
  for (const [image, { files, start }] of Object.entries(STAND_INS)) {
    const root = path.join(folder, image.replace(/\W/g, "-"));
    for (const name of ["bin", "www", "tmp", "data"]) fs.mkdirSync(path.join(root, name), { recursive: true });
    fs.chmodSync(path.join(root, "data"), 0o777);
    fs.copyFileSync("/bin/busybox", path.join(root, "bin/busybox"));
    for (const name of ["sh", "httpd", "wget", "grep", "test", "echo", "sleep", "cat"])
      fs.symlinkSync("busybox", path.join(root, "bin", name));
    fs.writeFileSync(path.join(root, "www/index.html"), `${image}\n`);
    for (const [file, script] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      fs.writeFileSync(path.join(root, file), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    await registry.push(image, root, start);
  }
}
