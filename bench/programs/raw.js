// cdktf alone: the same resources, each made by hand in stacks of cdktf's own.
const { App, Fn, LocalBackend, TerraformStack, TerraformVariable } = require("cdktf");
const { Container } = require("@cdktf/provider-docker/lib/container");
const { Image } = require("@cdktf/provider-docker/lib/image");
const { Network } = require("@cdktf/provider-docker/lib/network");
const { DockerProvider } = require("@cdktf/provider-docker/lib/provider");
const { Volume } = require("@cdktf/provider-docker/lib/volume");
const { DnsRecord } = require("@cdktf/provider-cloudflare/lib/dns-record");
const { CloudflareProvider } = require("@cdktf/provider-cloudflare/lib/provider");
const { Database } = require("@cdktf/provider-postgresql/lib/database");
const { Grant } = require("@cdktf/provider-postgresql/lib/grant");
const { PostgresqlProvider } = require("@cdktf/provider-postgresql/lib/provider");
const { Role } = require("@cdktf/provider-postgresql/lib/role");
const { NullProvider } = require("@cdktf/provider-null/lib/provider");
const { Resource } = require("@cdktf/provider-null/lib/resource");
const { HOSTS, HOST_KEY, ZONE, labels, measure, provisioner } = require("./model");

measure((services, outdir) => {
  const app = new App({ outdir });
  const stack = (name, ...providers) => {
    const made = new TerraformStack(app, name);
    new LocalBackend(made, { path: `${name}.tfstate` });
    for (const Provider of providers) new Provider(made, Provider.name, {});
    return made;
  };
  const hosts = Array.from({ length: HOSTS }, (_, index) => stack(`host-${index}`, DockerProvider, NullProvider));
  const edge = stack("edge", CloudflareProvider);
  const postgres = stack("postgres-main", PostgresqlProvider);
  for (let index = 0; index < services; index += 1) {
    const name = `service-${index}`;
    const id = name.replace("-", "_");
    const host = hosts[index % HOSTS];
    const secret = new TerraformVariable(host, `${id}_db_pass`, { type: "string", sensitive: true });
    const network = new Network(host, `${name}-network`, { name });
    const image = new Image(host, `${name}-image`, { name: "example/app:1.0.0", keepLocally: true });
    const volume = new Volume(host, `${name}-data`, {
      name: `${id}_data`,
      lifecycle: { preventDestroy: true, ignoreChanges: ["labels", "driver_opts"] },
    });
    const placed = new Resource(host, `${name}-secrets`, {
      triggers: { path: `/var/lib/homelab/${name}/run-secrets`, host_key: HOST_KEY, user: "deploy", port: "22" },
      provisioners: [provisioner(Fn.base64encode(secret.stringValue))],
    });
    new Container(host, name, {
      name,
      image: image.imageId,
      restart: "unless-stopped",
      user: "1000:1000",
      wait: true,
      waitTimeout: 300,
      destroyGraceSeconds: 30,
      logDriver: "json-file",
      logOpts: { "max-file": "3", "max-size": "10m" },
      securityOpts: ["no-new-privileges:true"],
      env: ["DB_HOST=db.example.org", "DB_PASS_FILE=/run/secrets/db_pass", "TZ=Etc/UTC"],
      labels: Object.entries(labels(name)).map(([label, value]) => ({ label, value })),
      networksAdvanced: [{ name }, { name: "proxy" }],
      mounts: [
        { target: "/data", source: `${id}_data`, type: "volume", readOnly: false },
        { target: "/run/secrets", source: `/var/lib/homelab/${name}/run-secrets`, type: "bind", readOnly: true },
      ],
      healthcheck: {
        test: [
          "CMD-SHELL",
          "curl -fsS -o /dev/null http://127.0.0.1:8080/ || wget -q -O /dev/null http://127.0.0.1:8080/",
        ],
        interval: "30s",
        timeout: "5s",
        retries: 3,
        startPeriod: "1m0s",
      },
      dependsOn: [network, volume, placed],
    });
    new DnsRecord(edge, name, {
      zoneId: ZONE,
      name: `${name}.example.com`,
      type: "A",
      content: "203.0.113.1",
      proxied: true,
      ttl: 1,
    });
    const role = new Role(postgres, `${name}-role`, {
      name: id,
      login: true,
      superuser: false,
      passwordWo: "x",
      passwordWoVersion: "1",
      lifecycle: { preventDestroy: true },
    });
    const database = new Database(postgres, `${name}-db`, {
      name: id,
      owner: id,
      template: "template0",
      encoding: "UTF8",
      lifecycle: { preventDestroy: true },
      dependsOn: [role],
    });
    for (const kind of ["database", "schema"]) {
      new Grant(postgres, `${name}-${kind}`, {
        database: id,
        role: "public",
        objectType: kind,
        privileges: [],
        dependsOn: [database],
      });
    }
  }
  app.synth();
});
