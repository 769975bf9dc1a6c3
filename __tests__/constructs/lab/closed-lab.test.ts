import { Aspects, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { HomelabService, Probe, Secret, type IServicePart } from "../../../constructs";
import { FactList, hold, useSecret, type PartScope } from "../../../constructs/parts";
import { errorOf } from "../../support/synthesis";

const LATE = new FactList("late");
const basic = { image: "example/app:1.0.0", user: "1:1", health: Probe.none("a test") } as const;

/** Does something when a stack is written, as an aspect may. */
function onceWritten(stack: TerraformStack, does: () => void): void {
  Aspects.of(stack).add({
    visit(node: IConstruct) {
      if (node === stack) does();
    },
  });
}

/** A part that does nothing when it is bound, and something when stacks are written. */
function late(does: (part: PartScope) => void): IServicePart<void> {
  return {
    bind: (part) => {
      onceWritten(TerraformStack.of(part.workload), () => does(part));
    },
  };
}

test.each<[string, (part: PartScope) => void, string]>([
  ["says facts", (part) => part.say(LATE, {}), `service "app", part "web" says facts for "late"`],
  [
    "adds to its container",
    (part) => part.contribute({ labels: { a: "b" } }),
    `service "app", part "web" adds to its container`,
  ],
  [
    "says what it reaches",
    (part) => part.reaches("192.0.2.1", 443),
    `service "app": part "web" says that it reaches "192.0.2.1"`,
  ],
  [
    "keeps data",
    (part) =>
      hold(part, { kind: "volume", place: { host: "app-01" }, defaultName: "app_web" }, () => {
        throw new Error("nothing is made");
      }),
    `service "app": part "web" keeps volume "app_web"`,
  ],
  [
    "uses a secret",
    (part) => {
      useSecret(part, Secret.named("key"));
    },
    `secret "webservices.app.key" is taken into use`,
  ],
  [
    "declares a service",
    ({ workload }) => {
      new HomelabService(workload.host, "other", basic);
    },
    `service "other" is declared`,
  ],
])("fails for a part that %s after the lab was closed", (_what, does, subject) => {
  const found = errorOf(
    (lab) => new HomelabService(lab.host("app-01"), "app", { ...basic, parts: { web: late(does) } }),
  );

  expect(found).toBe(
    `${subject} after the lab was closed, where nothing looks at it any more: do it when the part is bound, in 'whenBound()', or before 'app.synth()'`,
  );
});

test("fails for a label and a reason that a service is given after the lab was closed", () => {
  const given = (does: (service: HomelabService) => void) =>
    errorOf((lab) => {
      const service = new HomelabService(lab.host("app-01"), "app", basic);
      onceWritten(TerraformStack.of(service), () => does(service));
    });

  expect(given((service) => service.addLabel("a", "b"))).toContain(
    `service "app", part "addLabel()" adds to its container after the lab was closed`,
  );
  expect(given((service) => service.acknowledge("relocation:data", "a test"))).toContain(
    `service "app" gives a reason, acknowledge("relocation:data"), after the lab was closed`,
  );
});
