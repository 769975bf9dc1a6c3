import { Companion, ConfigFile, Content, HomelabService, Probe, Reload, Route } from "../../../constructs";
import { errorOf, placedFiles, synthesizeLab } from "../../support/synthesis";

const basic = { image: "registry.example/app:1.0.0", port: 8080, health: Probe.none("a test") } as const;

test("files are made from what parts hand out, and environment and command get what both do", () => {
  const { stacks } = synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      ...basic,
      parts: {
        web: Route.in(lab.zone("example.com")),
        queue: Companion.redis({ image: "docker.io/library/redis:7.4.1" }),
      },
      files: ({ web, queue }) => ({
        settings: ConfigFile.at("/etc/app/app.yml", Content.yaml({ url: web.url, queue: queue.url }), {
          onChange: Reload.watched(),
        }),
      }),
      environment: ({ settings, queue }) => ({ SETTINGS: settings.path, QUEUE: queue.host }),
      command: ({ settings }) => ["--config", settings.path],
    });
  });
  const stack = stacks["app-01"];
  expect(placedFiles(stack)["/var/lib/homelab/app/etc-app/app.yml"]).toBe(
    "url: https://app.example.com\nqueue: redis://app-queue:6379\n",
  );
  expect(stack?.resource.docker_container?.app).toMatchObject({
    command: ["--config", "/etc/app/app.yml"],
    env: ["QUEUE=app-queue", "SETTINGS=/etc/app/app.yml", "TZ=Etc/UTC"],
  });
});

test("a file in parts and one in files have one address", () => {
  const file = ConfigFile.at("/etc/app/app.yml", Content.text("a\n"), { onChange: Reload.watched() });
  const [inParts, inFiles] = [{ parts: { file } }, { files: { file } }].map(
    (props) => synthesizeLab((lab) => new HomelabService(lab.host("app-01"), "app", { ...basic, ...props })).stacks,
  );
  expect(inFiles).toEqual(inParts);
});

test("a key that is in parts and in files is refused", () => {
  const file = ConfigFile.at("/etc/app/app.yml", Content.text("a\n"));
  expect(
    errorOf((lab) => new HomelabService(lab.host("app-01"), "app", { ...basic, parts: { file }, files: { file } })),
  ).toContain("service \"app\": \"file\" is a key of 'parts' and of 'files': give one of them another");
});
