// A peer: cdk8s-plus, which makes as many objects of Kubernetes for a service as the library makes resources.
const { createRequire } = require("node:module");
const path = require("node:path");
const { HOSTS, measure } = require("./model");

const peer = createRequire(path.join(process.env.BENCH_PEERS ?? "", "package.json"));
const { App, Chart, Cron, Duration, Size } = peer("cdk8s");
const { Construct } = peer("constructs");
const k8s = peer("cdk8s-plus-32");

measure((services, outdir) => {
  const app = new App({ outdir });
  const charts = Array.from({ length: HOSTS }, (_, index) => new Chart(app, `host-${index}`));
  for (let index = 0; index < services; index += 1) {
    const name = `service-${index}`;
    const scope = new Construct(charts[index % HOSTS], name);
    const claim = new k8s.PersistentVolumeClaim(scope, "Data", {
      accessModes: [k8s.PersistentVolumeAccessMode.READ_WRITE_ONCE],
      storage: Size.gibibytes(1),
    });
    const settings = new k8s.ConfigMap(scope, "Settings", { data: { DB_HOST: "db.example.org", TZ: "Etc/UTC" } });
    const secret = new k8s.Secret(scope, "Password", { stringData: { db_pass: "example" } });
    const account = new k8s.ServiceAccount(scope, "Account");
    const deployment = new k8s.Deployment(scope, "Service", {
      serviceAccount: account,
      podMetadata: {
        annotations: Object.fromEntries(
          [1, 2, 3, 4, 5].map((number) => [`example.com/label-${number}`, `value ${number}`]),
        ),
      },
      containers: [
        {
          image: "example/app:1.0.0",
          portNumber: 8080,
          securityContext: { user: 1000, group: 1000 },
          liveness: k8s.Probe.fromHttpGet("/", { periodSeconds: Duration.seconds(30) }),
          readiness: k8s.Probe.fromHttpGet("/"),
          envVariables: {
            DB_HOST: k8s.EnvValue.fromConfigMap(settings, "DB_HOST"),
            DB_PASS_FILE: k8s.EnvValue.fromValue("/run/secrets/db_pass"),
          },
          volumeMounts: [
            { path: "/data", volume: k8s.Volume.fromPersistentVolumeClaim(scope, "DataVolume", claim) },
            { path: "/run/secrets", volume: k8s.Volume.fromSecret(scope, "SecretVolume", secret) },
          ],
        },
      ],
    });
    deployment.exposeViaIngress("/", { ports: [{ port: 80, targetPort: 8080 }] });
    new k8s.HorizontalPodAutoscaler(scope, "Scaler", { target: deployment, maxReplicas: 2 });
    new k8s.NetworkPolicy(scope, "Policy", { selector: deployment });
    const role = new k8s.Role(scope, "Role");
    role.allowRead(k8s.ApiResource.CONFIG_MAPS);
    new k8s.RoleBinding(scope, "Binding", { role }).addSubjects(account);
    new k8s.CronJob(scope, "Nightly", {
      schedule: Cron.daily(),
      containers: [{ image: "example/app:1.0.0", securityContext: { user: 1000, group: 1000 } }],
    });
  }
  app.synth();
});
