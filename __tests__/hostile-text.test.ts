import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import {
  Backup,
  ConfigFile,
  DnsTarget,
  PostgresDatabase,
  Tmpfs,
  Content,
  HomelabService,
  HostPath,
  Job,
  Probe,
  Reload,
  Secret,
  StorageLayout,
  UptimeMonitor,
  Route,
  Access,
  Volume,
  type HostProps,
  type Parts,
} from "../constructs";
import type { Homelab } from "../stacks";
import { anyText } from "./support/any-text";
import { violations } from "./support/provider-schema";
import { errorOf, host, labels, scriptOf, synthesizeLab, type StackJson } from "./support/synthesis";

/** What breaks out of strings: of Terraform, Go templates, shells, SQL, YAML, systemd and of cdktf's own tokens. */
const NASTY = [
  "${var.secret}",
  "$${x}",
  "%{ if true }",
  "`id`",
  "$(id)",
  "'; DROP TABLE x; --",
  '"\\',
  "a\nb: c",
  "\r\n\t",
  "a\rb${c}",
  "1e5",
  "-1.8881545897087505e+200",
  "{{ . }}",
  "%n %% $HOME",
  "#{x}",
  "}",
  "日本語 🦆 \u202e",
  "TfToken[TOKEN.1]",
  "x".repeat(65_536),
] as const;

/** What no string of Terraform can hold, or cdktf takes for something else. */
const IMPOSSIBLE = [
  "e\u0301",
  "\ud800",
  "\udc00",
  "\0",
  `a${"\u0317".repeat(31)}`,
  "${TfToken[TOKEN.999999]}",
  "#{TfToken[x]}",
  "&{TfToken[x]}",
  "-8.109562213520763e+298",
] as const;

const possible = fc.oneof(
  fc.array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
  fc
    .string({ unit: "binary", maxLength: 100 })
    .map((text) => text.normalize("NFC"))
    .filter((text) => !text.includes("\0")),
  fc.constantFrom(...NASTY).map((text) => `\ufeff${text}`),
);

const hostile = fc.oneof(
  { weight: 3, arbitrary: possible },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...NASTY, ""), fc.constantFrom(...IMPOSSIBLE), fc.constantFrom(...NASTY, ""))
      .map((parts) => parts.join("")),
  },
);

/** What Terraform reads of a literal string in its JSON; the integration tests ask Terraform itself. */
function asTerraformReads(text: string): string {
  expect(text).toBe(text.normalize("NFC"));
  expect(text).not.toMatch(/^\ufeff/);
  expect(text).not.toMatch(/\r(?!\n)/);
  const read = text.replace(/^\$\{"\ufeff"\}/, "\ufeff").replace(/(?<!\$)\$\{"(\$*)\\r"\}/g, "$1\r");
  expect(read).not.toMatch(/(^|[^$])\$\{/);
  expect(read).not.toMatch(/(^|[^%])%\{/);
  return read.replace(/([$%])\1\{/g, "$1{");
}

/** The stack of a lab whose text arrives, or undefined for one that is refused with one sentence that names its place. */
function arriving(text: string, declare: (lab: Homelab) => unknown, place: RegExp): StackJson | undefined {
  try {
    return app01(declare);
  } catch (error) {
    const { message } = error as Error;
    expect(message).toMatch(place);
    expect(message).not.toContain("\n");
    expect(IMPOSSIBLE.some((impossible) => text.includes(impossible))).toBe(true);
    return undefined;
  }
}

function service(
  lab: Homelab,
  parts: Parts,
  environment: Record<string, string> = {},
  command: string[] = ["run"],
): HomelabService {
  return new HomelabService(lab.host("app-01"), "app", {
    image: "example/app:1",
    port: 80,
    health: Probe.command(["true", ...command]),
    parts,
    environment,
    command,
  });
}

function app01(declare: (lab: Homelab) => unknown): StackJson {
  const stack = synthesizeLab((lab) => void declare(lab)).stacks["app-01"];
  if (!stack) throw new Error("no stack");
  expect(violations(stack)).toEqual([]);
  return stack;
}

const runs = { numRuns: 60 };

test("text in variables, labels, commands, checks and files arrives as it is, or is refused", () => {
  const ways: readonly [RegExp, (text: string) => (lab: Homelab) => HomelabService, (container: any) => string][] = [
    [
      /service "app": variable "TEXT"/,
      (text) => (lab) => service(lab, {}, { TEXT: text }),
      ({ env }) => asTerraformReads(env.find((line: string) => line.startsWith("TEXT="))).slice("TEXT=".length),
    ],
    [
      /service "app": label "text"/,
      (text) => (lab) => {
        const labelled = service(lab, {});
        labelled.addLabel("text", text);
        return labelled;
      },
      (container) => asTerraformReads(labels(container).text ?? ""),
    ],
    [
      /service "app": '(command|health)'/,
      (text) => (lab) => service(lab, {}, {}, [text]),
      ({ command, healthcheck }) => {
        expect(healthcheck.test).toEqual(["CMD", "true", ...command]);
        return asTerraformReads(command[0]);
      },
    ],
    [
      /service "app", part "file": the file's content/,
      (text) => (lab) => service(lab, { file: ConfigFile.at("/etc/app.conf", Content.text(text)) }),
      ({ upload: [{ content, content_base64 }] }) =>
        content === undefined ? Buffer.from(content_base64, "base64").toString() : asTerraformReads(content),
    ],
    [
      /service "app", part "file": 'path'/,
      (text) => (lab) =>
        service(lab, { file: ConfigFile.at(`/etc/${text.replace(/[\0\r\n:,/]/g, "")}x`, Content.text("x")) }),
      ({ upload: [{ file }] }) => asTerraformReads(file),
    ],
  ];
  fc.assert(
    fc.property(hostile, fc.constantFrom(...ways.keys()), (text, index) => {
      fc.pre(text !== "");
      const [place, declare, read] = ways[index] ?? [];
      if (!place || !declare || !read) throw new Error("no such way");

      const container = arriving(text, declare(text), place)?.resource.docker_container?.app;

      if (container) expect([text, `/etc/${text.replace(/[\0\r\n:,/]/g, "")}x`]).toContain(read(container));
    }),
    { numRuns: 300 },
  );
});

test.each(IMPOSSIBLE)("a file takes %j where a file can", (text) => {
  const stack = arriving(
    text,
    (lab) => service(lab, { file: ConfigFile.at("/etc/app.conf", Content.text(text)) }),
    /service "app", part "file": the file's content must not (have half|contain)/,
  );

  const [file] = stack?.resource.docker_container?.app.upload ?? [];
  if (file) expect(Buffer.from(file.content_base64, "base64").toString()).toBe(text);
  expect(file === undefined).toBe(/[\ud800-\udfff]|TfToken|e\+298/.test(text));
});

test("fails for text that would arrive as another one, in one sentence, wherever it comes in", () => {
  const message = (make: (lab: Homelab) => unknown): string => errorOf((lab) => void make(lab));

  expect(message((lab) => service(lab, {}, { TEXT: "cafe\u0301" }))).toBe(
    'service "app": variable "TEXT" must be composed (NFC), which Terraform makes of all text, got "cafe\\u0301": pass it through normalize("NFC")',
  );
  expect(message((lab) => service(lab, {}, { TEXT: "a${TfToken[x.1]}" }))).toBe(
    'service "app": variable "TEXT" must not contain "${TfToken[x.1]}", which cdktf takes for a value that is known later, and there is none of that name: leave it out',
  );
  expect(message((lab) => service(lab, {}, { TEXT: "a\0b" }))).toBe(
    'service "app": variable "TEXT" must not contain NUL, which ends text there, got "a\\u0000b"',
  );
  expect(message((lab) => service(lab, { file: ConfigFile.at("/etc/app.conf", Content.text("")) }))).toContain(
    'service "app", part "file": the file\'s content must not be empty, which the docker provider refuses',
  );
  expect(message((lab) => service(lab, { job: Job.cron("0 3 * * *", { command: ["e\u0301"] }) }))).toMatch(
    /^app-01\/Host\/app\/job\S*: a value must be composed \(NFC\)[^\n]*$/,
  );
});

test("a value that is known later stands between any text", () => {
  const stack = app01((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      health: Probe.none("test"),
      parts: { token: Secret.asEnvironment({ reason: "test" }) },
      environment: ({ token }) => ({ TEXT: `pa$$${token.value}\${a ${token.value}}%{b}` }),
    });
  });

  // The integration tests ask Terraform itself.
  expect(stack.resource.docker_container?.app.env).toContain(
    'TEXT=pa${"$$"}${var.webservices_app_token_persisted}${"$"}{a ${var.webservices_app_token_persisted}}%%{b}',
  );
});

test("text in objects arrives in their documents", () => {
  fc.assert(
    fc.property(fc.oneof(hostile, anyText), (text) => {
      fc.pre(!/[\ud800-\udfff]/u.test(text)); // no file can hold it
      const { text: document } = Content.yaml({ [text]: [text] });
      for (const version of ["1.1", "1.2"] as const) expect(parse(document, { version })).toEqual({ [text]: [text] });
      expect(document).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\u202e]/);
      expect(JSON.parse(Content.json({ [text]: text }).text)).toEqual({ [text]: text });
    }),
    runs,
  );
});

test("fails for half a character in a YAML document", () => {
  expect(() => Content.yaml({ "a\ud800": "b" })).toThrow(
    'text of a YAML document must not have half of a surrogate pair, which no UTF-8 can hold, got "a\\ud800": leave it out',
  );
});

test("the path of a mount is taken as it is, or refused", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      let stack: StackJson;
      try {
        stack = app01((lab) => service(lab, { media: HostPath.at(`/m/${text}`, { from: `/h/${text}` }) }));
      } catch (error) {
        expect((error as Error).message).toMatch(/service "app"|\/app\//);
        return;
      }
      const [mount] = stack.resource.docker_container?.app.mounts ?? [];
      expect([asTerraformReads(mount.target), asTerraformReads(mount.source)]).toEqual([`/m/${text}`, `/h/${text}`]);
    }),
    runs,
  );
});

test("names, labels and paths of routes hold nothing that ends a rule", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const declare = (lab: Homelab): unknown =>
        service(lab, {
          web: Route.in(lab.zone("example.com"), {
            label: text.slice(0, 70),
            paths: [`/${text}`],
            middlewares: [text],
            access: Access.oneFactor("group:a"),
          }),
        });

      try {
        app01(declare);
      } catch (error) {
        expect((error as Error).message).toMatch(/service "app", part "web"|\/app\//);
        return;
      }
      expect(text).toMatch(/^[a-z0-9-]+$/);
    }),
    runs,
  );
});

test("a keyword of a monitor arrives as it is", () => {
  fc.assert(
    fc.property(possible, (text) => {
      fc.pre(text !== "");
      const { stacks } = synthesizeLab((lab) => {
        service(lab, {
          web: Route.in(lab.zone("example.com"), { access: Access.public({ reason: "test" }) }),
          up: UptimeMonitor.keyword(lab.monitoring, text),
        });
      });

      expect(asTerraformReads(stacks.monitoring?.resource.uptimekuma_monitor_http_keyword?.app_up.keyword)).toBe(text);
    }),
    runs,
  );
});

function hostWithFolders(root: string, linkFrom: string): HostProps {
  return host("app-01", 11, { storage: StorageLayout.serviceFolders(root, { linkFrom }) });
}

test("names that reach SQL, volumes and other hosts are taken as they are, or refused", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const makers: ((lab: Homelab) => Parts)[] = [
        (lab) => ({ db: PostgresDatabase.on(lab.postgres("main"), { name: text }) }),
        (lab) => ({ db: PostgresDatabase.on(lab.postgres("main"), { extensions: [text] }) }),
        (lab) => ({ db: PostgresDatabase.on(lab.postgres("main"), { collation: text, encoding: text }) }),
        () => ({ data: Volume.at("/data", { name: text }) }),
        (lab) => ({ web: Route.in(lab.zone("example.com"), { target: DnsTarget.alias(text) }) }),
      ];
      for (const make of makers) {
        try {
          synthesizeLab((lab) => void service(lab, { ...make(lab), none: Backup.none("test") }));
        } catch (error) {
          expect((error as Error).message).toMatch(/service "app"|DnsTarget\.alias|\/app\/\w+/);
          continue;
        }
        expect(text).toMatch(/^[A-Za-z0-9_.@-]+$/);
      }
    }),
    { numRuns: 40 },
  );
});

test("the name of a file on a host is one word, or refused", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      try {
        app01((lab) =>
          service(lab, {
            file: ConfigFile.at(`/etc/app/${text}`, Content.text("x"), { onChange: Reload.signal("HUP") }),
          }),
        );
      } catch (error) {
        expect((error as Error).message).toMatch(/service "app", part "file"|\/app\//);
        return;
      }
      expect(text).toMatch(/^[A-Za-z0-9_.\-/]+$/);
    }),
    runs,
  );
});

test.each(["/etc/app/my file", "/etc/app/*", "/app.conf"])("fails to place %s", (path) => {
  const declare = (lab: Homelab): unknown =>
    service(lab, { file: ConfigFile.at(path, Content.text("x"), { onChange: Reload.signal("HUP") }) });

  expect(() => app01(declare)).toThrow('service "app", part "file": a file that is placed on the host');
});

test("a temporary file system, a device and a notification hold nothing that Terraform would evaluate", () => {
  const { stacks } = synthesizeLab((lab) => {
    service(lab, {
      scratch: Tmpfs.at("/${scratch}"),
      web: Route.in(lab.zone("example.com")),
      up: UptimeMonitor.http(lab.monitoring, { notifications: ["${all}"] }),
    });
  });

  expect(Object.keys(stacks["app-01"]?.resource.docker_container?.app.tmpfs)).toEqual(["/$${scratch}"]);
  expect(Object.values<any>(stacks.monitoring?.data.uptimekuma_notification)[0].name).toBe("$${all}");
});

describe("on a host", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "cdktf-homelab-host-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** Runs a script of the configuration as a host would, in a folder in place of `/`, where nobody owns anything. */
  function run(
    resource: any,
    places: { readonly [from: string]: string } = {},
    change = (script: string) => script,
  ): void {
    const bin = path.join(folder, "bin");
    fs.mkdirSync(bin, { recursive: true });
    for (const name of ["chown", "systemctl", "docker"])
      fs.writeFileSync(path.join(bin, name), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    let script = change(asTerraformReads(scriptOf(resource)));
    const inFolder = { "/var/lib/homelab": path.join(folder, "host"), ...places };
    for (const [from, to] of Object.entries(inFolder)) script = script.replaceAll(from, to);
    execFileSync("sh", ["-s"], { input: script, env: { PATH: `${bin}:${process.env.PATH ?? ""}` } });
  }

  test("files are what was declared, with nothing of ours left beside them", () => {
    for (const text of fc.sample(fc.oneof(possible, fc.constantFrom("\0", "e\u0301")), 25)) {
      const stack = app01((lab) =>
        service(lab, {
          file: ConfigFile.at("/etc/app/app.conf", Content.text(text), {
            onChange: Reload.signal("HUP"),
            mode: "0640",
          }),
        }),
      );
      const target = path.join(folder, "host/app/etc-app");
      fs.mkdirSync(target, { recursive: true });
      fs.writeFileSync(path.join(target, "orphan"), "not declared");
      fs.writeFileSync(path.join(target, ".hidden"), "not declared");

      run(stack.resource.null_resource?.app_etc_app);

      expect(fs.readdirSync(target)).toEqual(["app.conf"]);
      expect(fs.readFileSync(path.join(target, "app.conf"), "utf8")).toBe(text);
      expect(fs.statSync(path.join(target, "app.conf")).mode & 0o777).toBe(0o640);
      expect(fs.readdirSync(path.dirname(target)).sort()).toEqual([".etc-app.previous", "etc-app"]);
    }
  });

  test("units of jobs are what was declared", () => {
    for (const text of fc.sample(possible, 25)) {
      const stack = app01((lab) => service(lab, { job: Job.cron("0 3 * * *", { command: ["echo", text] }) }));
      const units = path.join(folder, "units");
      fs.mkdirSync(units, { recursive: true });
      const resource = stack.resource.null_resource?.app_job;

      run(resource, { "/etc/systemd/system": units });

      expect(fs.readdirSync(units).sort()).toEqual(["homelab-app-job.service", "homelab-app-job.timer"]);
      expect(fs.readFileSync(path.join(units, "homelab-app-job.service"), "utf8")).toBe(
        asTerraformReads(resource.triggers.service),
      );
    }
  });

  test("a file that can't be written leaves the old ones as they were", () => {
    const declare = (content: string): any =>
      app01((lab) =>
        service(lab, {
          one: ConfigFile.at("/etc/app/one", Content.text(content), { onChange: Reload.signal("HUP") }),
          two: ConfigFile.at("/etc/app/two", Content.text(content), { onChange: Reload.signal("HUP") }),
        }),
      ).resource.null_resource?.app_etc_app;
    const target = path.join(folder, "host/app/etc-app");
    run(declare("old"));

    expect(() => run(declare("new"), {}, (script) => script.replace(" two 0:0 0644 ", " two 0:0 no-mode "))).toThrow(
      "no-mode",
    );
    expect(["one", "two"].map((name) => fs.readFileSync(path.join(target, name), "utf8"))).toEqual(["old", "old"]);
  });

  test("a folder is made once, and its owner's changes stay", () => {
    const stack = synthesizeLab((lab) => void service(lab, { data: Volume.at("/data"), none: Backup.none("test") }), {
      hosts: [hostWithFolders(path.join(folder, "services"), path.join(folder, "srv"))],
    }).stacks["app-01"];
    const resource = stack?.resource.null_resource?.app_data;

    run(resource);
    fs.chmodSync(path.join(folder, "services/app/data"), 0o711);
    fs.writeFileSync(path.join(folder, "services/app/data/row"), "kept");
    run(resource);

    expect(fs.statSync(path.join(folder, "services/app/data")).mode & 0o777).toBe(0o711);
    expect(fs.readFileSync(path.join(folder, "srv/app/data/row"), "utf8")).toBe("kept");
  });
});
