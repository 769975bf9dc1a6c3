import { Ajv2020 } from "ajv/dist/2020";
import * as fs from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { showService } from "../../../cli/show-service";
import { Companion, HomelabService, Probe, type IServicePart, type PartFacts } from "../../../constructs";
import { FactList } from "../../../constructs/parts";
import { errorOf, host, inventory, synthesizeLab } from "../../support/synthesis";

interface MetricFacts extends PartFacts {
  readonly port: number;
}

const METRICS = new FactList<MetricFacts>("metrics");

/** A kind of part that the library knows nothing of. */
function scrape(port: number): IServicePart<void> {
  return { bind: (part) => part.say(METRICS, { port }) };
}

const health = Probe.none("a test");

test("a part of somebody else's has a list of its own in the manifest, with where it is", () => {
  const { manifest } = synthesizeLab(
    (lab) => {
      new HomelabService(lab.host("app-01"), "app", {
        image: "registry.example/app:1.0.0",
        health,
        parts: {
          own: scrape(9100),
          queue: Companion.container({
            image: "registry.example/queue:1.0.0",
            port: 1,
            health,
            parts: { its: scrape(9200) },
          }),
        },
      });
      new HomelabService(lab.host("app-01"), "other", { image: "registry.example/app:1.0.0", health });
    },
    inventory({ hosts: [host("app-01", 1)] }),
  );
  const metrics = manifest.services.map((service) => (service as { readonly metrics?: unknown }).metrics);
  expect(metrics).toEqual([
    [
      { part: "own", container: "app", port: 9100 },
      { part: "queue.its", container: "app-queue", port: 9200 },
    ],
    undefined,
  ]);
  const [app] = manifest.services;
  const shown = app && stripVTControlCharacters(showService(manifest, app));
  expect(shown).toContain("\nmetrics     own: port 9100\n            queue.its: port 9200");
  const schema = JSON.parse(fs.readFileSync("schemas/homelab.schema.json", "utf8")) as object;
  expect(new Ajv2020().validate(schema, manifest)).toBe(true);
});

test("a list that is called like something that every service has is refused", () => {
  const taken = new FactList("host");
  expect(
    errorOf(
      (lab) =>
        new HomelabService(lab.host("app-01"), "app", {
          image: "registry.example/app:1.0.0",
          health,
          parts: { own: { bind: (part) => part.say(taken, {}) } },
        }),
    ),
  ).toContain(
    'service "app": the list of facts "host" is called like something that every service has in the manifest: rename it',
  );
});

test("a list that is made twice is refused", () => {
  expect(() => new FactList("metrics")).toThrow(
    'the list of facts "metrics" is made twice: give one of them another name',
  );
  expect(() => new FactList("routes")).toThrow('the list of facts "routes" is made twice');
  expect(() => new FactList("Not a word")).toThrow(
    'a list of facts must be named like a word of code, for example "metrics", got "Not a word"',
  );
  expect(() => new FactList(undefined as never)).toThrow("a list of facts must be named like a word of code");
});
