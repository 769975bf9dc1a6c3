// The library through its public API, compiled.
const {
  Backup,
  Generations,
  HomelabService,
  Ingress,
  Ledger,
  PostgresDatabase,
  Probe,
  Route,
  Volume,
} = require("../../dist/constructs");
const { Homelab, synthesize } = require("../../dist/stacks");
const { HOSTS, HOST_KEY, ZONE, measure } = require("./model");

measure((services, outdir) => {
  process.env.CDKTF_OUTDIR = outdir;
  synthesize((app) => declare(app, services));
});

function declare(app, services) {
  const lab = new Homelab(app, {
    hosts: Array.from({ length: HOSTS }, (_, index) => ({
      name: `host-${index}`,
      lanAddress: `192.168.1.${index + 1}`,
      publicAddress: `203.0.113.${index + 1}`,
      ssh: { user: "deploy", hostKey: HOST_KEY },
      backedUpBy: "a benchmark",
    })),
    zones: { "example.com": { zoneId: ZONE, ingress: Ingress.direct() } },
    postgres: { main: { host: "db.example.org", backedUpBy: "a benchmark" } },
    ledger: Ledger.inMemory(),
    generations: Generations.inMemory(),
  });
  const [zone, server] = [lab.zone("example.com"), lab.postgres("main")];
  for (let index = 0; index < services; index += 1) {
    const service = new HomelabService(lab.host(`host-${index % HOSTS}`), `service-${index}`, {
      image: "example/app:1.0.0",
      port: 8080,
      user: "1000:1000",
      health: Probe.http("/"),
      parts: {
        web: Route.in(zone),
        db: PostgresDatabase.on(server),
        data: Volume.at("/data"),
        nightly: Backup.nightly(),
      },
      environment: ({ db }) => ({ DB_HOST: db.host, DB_PASS_FILE: db.passwordFile() }),
    });
    for (let number = 1; number <= 5; number += 1) service.addLabel(`com.example.label-${number}`, `value ${number}`);
  }
}
