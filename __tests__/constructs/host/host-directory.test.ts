import { ConfigFile, Content, HomelabService, Probe, Reload } from "../../../constructs";
import { errorOf, placedFiles, scriptOf, synthesizeLab } from "../../support/synthesis";
import type { Homelab } from "../../../stacks";

const KIBIBYTE = "x".repeat(1024);

function declare(...files: readonly Content[]): (lab: Homelab) => void {
  return (lab) => {
    const parts = files.map((content, index) => [
      `file${index}`,
      ConfigFile.at(`/etc/app/${index}`, content, { onChange: Reload.watched() }),
    ]);
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      health: Probe.none("test"),
      parts: Object.fromEntries(parts),
    });
  };
}

test("the files of a directory are sent in variables that every system takes", () => {
  const { stacks } = synthesizeLab(declare(Content.text(KIBIBYTE.repeat(300)), Content.text("small")));
  const { environment, command } = stacks["app-01"]?.resource.null_resource?.app_etc_app.provisioner[0]["local-exec"];

  expect(Math.max(...Object.values<string>(environment).map((text) => text.length))).toBeLessThan(100_000);
  expect(
    Object.keys(environment)
      .filter((name) => name !== "HOMELAB_SCRIPT")
      .join(" "),
  ).toBe(environment.HOMELAB_SCRIPT);
  expect(placedFiles(stacks["app-01"])).toEqual({
    "/var/lib/homelab/app/etc-app/0": KIBIBYTE.repeat(300),
    "/var/lib/homelab/app/etc-app/1": "small",
  });
  expect(command).toBe("a script on host app-01");
});

test("the functions of a script are sent once, and the record of how to remove the directory has them too", () => {
  const { stacks } = synthesizeLab(declare(Content.text("content")));

  const script = scriptOf(stacks["app-01"]?.resource.null_resource?.app_etc_app);

  expect(script.split("walk() {")).toHaveLength(2);
  expect(script).toMatch(/^place [0-9a-f]{16}\.remove 600 '# app-01 [^']*'"\$functions"'/m);
});

test.each([
  ["known at once", Content.text(KIBIBYTE.repeat(400))],
  ["collected", Content.collected(() => Content.text(KIBIBYTE.repeat(400)))],
])("more than a process's environment holds is refused, also when it is %s", (_, large) => {
  expect(errorOf(declare(Content.text(KIBIBYTE.repeat(200)), large))).toContain(
    `service "app", part "file1": the files of one directory may have 524288 bytes together, those of "/var/lib/homelab/app/etc-app" have 614400: put "1" into the image, or onto the host by other means and mount it with HostPath.at()`,
  );
});

test("a script is one function, so that a part of it does nothing", () => {
  const { stacks } = synthesizeLab(declare(Content.text("x")));
  const script = scriptOf(stacks["app-01"]?.resource.null_resource?.app_etc_app);

  expect(script).toMatch(/^homelab\(\) \{\n/);
  expect(script).toMatch(/\n\}\nhomelab <\/dev\/null\n$/);
});
