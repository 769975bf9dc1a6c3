import { stripVTControlCharacters } from "node:util";
import { showService } from "../../../cli/show-service";
import { Backup, HomelabService, Ledger, Probe } from "../../../constructs";
import { measured, Metrics } from "../../../docs/examples/metrics";
import { errorOf, placedFiles, synthesizeLab } from "../../support/synthesis";

const collector = {
  image: "docker.io/example/collector:1.0.0",
  user: "1000:1000",
  health: Probe.none("a test"),
} as const;

test("a part of somebody else's holds data, places a file, tells facts and has a line in show", () => {
  const { stacks, manifest } = synthesizeLab((lab) => {
    const host = lab.host("app-01");
    new HomelabService(host, "collector", {
      ...collector,
      parts: { series: Metrics.collect(), none: Backup.none("a test") },
    });
    measured(host);
  });
  const stack = stacks["app-01"];
  expect(stack?.resource.docker_volume).toMatchObject({
    collector_series: { name: "collector_series", lifecycle: { prevent_destroy: true } },
  });
  expect(manifest.ledger["collector/series"]).toMatchObject({
    kind: "volume",
    address: "docker_volume.collector_series",
  });
  expect(placedFiles(stack)["/var/lib/homelab/collector/etc-metrics/targets.yml"]).toBe(
    "- targets:\n    - wiki:9100\n",
  );
  const wiki = manifest.services.find(({ name }) => name === "wiki");
  expect(wiki && stripVTControlCharacters(showService(manifest, wiki))).toContain(
    "metrics     numbers: target wiki:9100",
  );
});

test("it has a finding of its own, and its data wants a backup as any data does", () => {
  expect(errorOf((lab) => measured(lab.host("app-01")))).toBe(
    "nobody collects the metrics of wiki:9100: give a service the part Metrics.collect()",
  );
  expect(
    errorOf(
      (lab) =>
        new HomelabService(lab.host("app-01"), "collector", { ...collector, parts: { series: Metrics.collect() } }),
    ),
  ).toContain('service "collector" keeps data (series) that nobody backs up');
});

test("a renamed service keeps what such a part holds where it is", () => {
  const ledger = {
    "old/series": { kind: "volume", host: "app-01", address: "docker_volume.old_series", name: "old_series" },
  } as const;
  const { stacks } = synthesizeLab(
    (lab) =>
      new HomelabService(lab.host("app-01"), "collector", {
        ...collector,
        formerly: "old",
        parts: { series: Metrics.collect(), none: Backup.none("a test") },
      }),
    { ledger: Ledger.inMemory(ledger) },
  );
  expect(Object.keys(stacks["app-01"]?.resource.docker_volume ?? {})).toEqual(["old_series"]);
});
