// The floor: the same documents from plain objects, turned into text and written.
const { HOSTS, HOST_KEY, ZONE, labels, measure, provisioner, write } = require("./model");

/** A provisioner as Terraform's JSON has it, under its type. */
const local = ({ type: _type, ...rest }) => rest;

measure((services, outdir) => {
  const stacks = new Map();
  const add = (stack, type, name, body) => {
    const resources = stacks.get(stack) ?? stacks.set(stack, {}).get(stack);
    const metadata = { path: `${stack}/${name}/Resource`, uniqueId: name };
    (resources[type] ??= {})[name] = { ...body, "//": { metadata } };
  };
  for (let index = 0; index < services; index += 1) {
    const name = `service-${index}`;
    const id = name.replace("-", "_");
    const host = `host-${index % HOSTS}`;
    add(host, "docker_network", `${id}_network`, { name });
    add(host, "docker_image", `${id}_image`, { name: "example/app:1.0.0", keep_locally: true });
    add(host, "docker_volume", `${id}_data`, {
      name: `${id}_data`,
      lifecycle: { prevent_destroy: true, ignore_changes: ["labels", "driver_opts"] },
    });
    add(host, "docker_container", id, {
      name,
      image: `\${docker_image.${id}_image.image_id}`,
      restart: "unless-stopped",
      user: "1000:1000",
      wait: true,
      wait_timeout: 300,
      destroy_grace_seconds: 30,
      log_driver: "json-file",
      log_opts: { "max-file": "3", "max-size": "10m" },
      security_opts: ["no-new-privileges:true"],
      env: [`DB_HOST=db.example.org`, `DB_PASS_FILE=/run/secrets/db_pass`, "TZ=Etc/UTC"],
      labels: Object.entries(labels(name)).map(([label, value]) => ({ label, value })),
      networks_advanced: [{ name }, { name: "proxy" }],
      mounts: [
        { target: "/data", source: `${id}_data`, type: "volume", read_only: false },
        { target: "/run/secrets", source: `/var/lib/homelab/${name}/run-secrets`, type: "bind", read_only: true },
      ],
      healthcheck: {
        test: [
          "CMD-SHELL",
          "curl -fsS -o /dev/null http://127.0.0.1:8080/ || wget -q -O /dev/null http://127.0.0.1:8080/",
        ],
        interval: "30s",
        timeout: "5s",
        retries: 3,
        start_period: "1m0s",
      },
      depends_on: [`docker_network.${id}_network`, "docker_network.proxy", `docker_volume.${id}_data`],
    });
    add(host, "null_resource", `${id}_run_secrets`, {
      triggers: { path: `/var/lib/homelab/${name}/run-secrets`, host_key: HOST_KEY, user: "deploy", port: "22" },
      provisioner: [{ "local-exec": local(provisioner(`\${base64encode(var.${id}_db_pass)}`)) }],
    });
    add("edge", "cloudflare_dns_record", `${name}_example_com_a`, {
      zone_id: ZONE,
      name: `${name}.example.com`,
      type: "A",
      content: "203.0.113.1",
      proxied: true,
      ttl: 1,
    });
    add("postgres-main", "postgresql_role", `${id}_db_owner`, {
      name: id,
      login: true,
      superuser: false,
      password_wo: `\${var.${id}_db_pass}`,
      password_wo_version: "1",
      lifecycle: { prevent_destroy: true },
    });
    add("postgres-main", "postgresql_database", `${id}_db`, {
      name: id,
      owner: id,
      template: "template0",
      encoding: "UTF8",
      lifecycle: { prevent_destroy: true },
      depends_on: [`postgresql_role.${id}_db_owner`],
    });
    for (const kind of ["database", "schema"]) {
      add("postgres-main", "postgresql_grant", `${id}_db_public_${kind}`, {
        database: id,
        role: "public",
        object_type: kind,
        privileges: [],
        depends_on: [`postgresql_database.${id}_db`],
      });
    }
  }
  for (const [stack, resource] of stacks) write(outdir, stack, { terraform: {}, provider: {}, resource });
});
