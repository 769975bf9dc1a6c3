import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { Content, Duration, Image, Probe, Size, StorageLayout } from "../../../constructs";
import { calendarOfCron } from "../../../constructs/values/calendar";
import { checkAbsolutePath, checkName, type NameKind } from "../../../constructs/values/names";
import { base64Expression } from "../../../constructs/host/secret-pieces";
import { literal, regexLiteral, shellWord, snakeCase } from "../../../contract/text";

describe("Duration", () => {
  test.each([
    [Duration.seconds(0), "0s"],
    [Duration.milliseconds(250), "250ms"],
    [Duration.milliseconds(1500), "1.5s"],
    [Duration.seconds(90), "1m30s"],
    [Duration.minutes(1), "1m0s"],
    [Duration.hours(1), "1h0m0s"],
    [Duration.days(1), "24h0m0s"],
  ])("is printed as Go prints it: %s", (duration, text) => {
    expect(duration.toString()).toBe(text);
  });

  test("fails for less than nothing", () => {
    expect(() => Duration.seconds(-1)).toThrow("not negative, got -1000 ms");
  });

  test("fails to be a whole number of seconds when it isn't", () => {
    expect(() => Duration.milliseconds(1500).toSeconds()).toThrow("whole number of seconds");
  });
});

test("a size is counted in mebibytes and bytes", () => {
  expect(Size.gibibytes(2).toMebibytes()).toBe(2048);
  expect(Size.mebibytes(1).toBytes()).toBe(1_048_576);
  expect(() => Size.mebibytes(0)).toThrow("above zero, got 0");
});

describe("Image", () => {
  test.each([
    "redis:7.4.1",
    "docker.io/library/redis:7.4.1",
    "localhost:5000/a/b:1",
    `ghcr.io/a/b:1@sha256:${"a".repeat(64)}`,
    `ghcr.io/a/b@sha256:${"a".repeat(64)}`,
  ])("takes %s", (reference) => {
    expect(Image.of(reference).reference).toBe(reference);
  });

  test.each([
    ["redis", 'must name its version, for example "redis:1.2.3"'],
    ["redis:latest", "whose content changes under the same name"],
    ["Redis:1", 'must be "[registry/]name:tag"'],
    ["redis:1 2", 'must be "[registry/]name:tag"'],
    ["redis:${x}", 'must be "[registry/]name:tag"'],
  ])("fails for %s", (reference, message) => {
    expect(() => Image.of(reference)).toThrow(message);
  });

  test("takes latest with a reason", () => {
    expect(Image.latest("redis", { reason: "it has no versions" }).reference).toBe("redis:latest");
    expect(() => Image.latest("redis", { reason: "" })).toThrow("must say why");
  });
});

describe("Probe", () => {
  test("asks over HTTP on the service's port", () => {
    const check = Probe.http("/health?full='1'").render(8080, "service");

    expect(check?.test[0]).toBe("CMD-SHELL");
    expect(check?.test[1]).toContain(`curl -fsS -o /dev/null 'http://127.0.0.1:8080/health?full='\\''1'\\'''`);
  });

  test("has durations as Go prints them", () => {
    const check = Probe.tcp({ interval: Duration.seconds(90), startPeriod: Duration.hours(1) }).render(1, "service");

    expect(check).toMatchObject({ interval: "1m30s", timeout: "5s", startPeriod: "1h0m0s", retries: 3 });
  });

  test.each([
    [() => Probe.http("health"), 'must start with "/", got "health"'],
    [() => Probe.http("/").render(undefined, 'service "a"'), 'service "a": the health probe needs a port'],
    [() => Probe.tcp({ port: 70_000 }), "from 1 to 65535, got 70000"],
    [() => Probe.tcp({ retries: 0 }), "above zero, got 0"],
    [() => Probe.none(""), "must say why"],
  ])("fails for bad input %#", (make, message) => {
    expect(make).toThrow(message);
  });
});

describe("names", () => {
  test.each<[NameKind, string, boolean]>([
    ["service", "paperless-ngx", true],
    ["service", "2fauth", true],
    ["service", "Paperless", false],
    ["service", "-a", false],
    ["service", "a".repeat(41), false],
    ["partKey", "adminToken", true],
    ["partKey", "Admin", false],
    ["partKey", "a-b", false],
    ["dnsLabel", "a".repeat(63), true],
    ["dnsLabel", "a".repeat(64), false],
    ["dnsLabel", "a_b", false],
    ["hostName", "a.b.example.com", true],
    ["hostName", "a..b", false],
    ["postgres", "paperless_ngx", true],
    ["postgres", "pg_stuff", false],
    ["postgres", "postgres", false],
    ["postgres", 'a"b', false],
    ["environmentVariable", "FORGEJO__server__PORT", true],
    ["environmentVariable", "A=B", false],
  ])("%s %s is fine: %s", (kind, value, fine) => {
    const check = () => checkName(kind, value, "test", "name");

    if (fine) expect(check).not.toThrow();
    else expect(check).toThrow("test: 'name'");
  });

  test.each(["relative", "/a/../b", "/a//b", "/a/", "/a:b", "/a,b", "/a\nb"])("fails for the path %j", (path) => {
    expect(() => checkAbsolutePath(path, "test", "path")).toThrow("must be an absolute path");
  });

  test("say what is wrong, the value and an example", () => {
    expect(() => checkName("dnsLabel", "Graf ana", "test", "label")).toThrow(
      `test: 'label' must be lowercase letters, digits and inner hyphens, for example "grafana", got "Graf ana"`,
    );
  });
});

describe("text", () => {
  const anything = fc.string({ unit: "binary", maxLength: 60 }).filter((text) => !text.includes("\0"));

  test("is what Terraform takes literally", () => {
    expect(literal("costs $${TfToken[TOKEN.1]}")).toBe('costs ${"$"}${TfToken[TOKEN.1]}');
    expect(literal("a ${b} %{if c} $ {d} ${TfToken[TOKEN.1]}")).toBe('a ${"$"}{b} %%{if c} $ {d} ${TfToken[TOKEN.1]}');
    expect(literal("a ${b} %{if c} $ {d}")).toBe("a $${b} %%{if c} $ {d}");
  });

  test("is one word of a shell, whatever it contains", () => {
    const words = fc.sample(anything, 40);

    const printed = execFileSync("/bin/sh", [
      "-c",
      words.map((word) => `printf '%s\\0' ${shellWord(word)}`).join("; "),
    ]);

    expect(printed.equals(Buffer.from(words.map((word) => `${word}\0`).join("")))).toBe(true);
  });

  test("matches itself as a regular expression", () => {
    fc.assert(fc.property(anything, (text) => new RegExp(`^${regexLiteral(text)}$`).test(text)));
  });

  test.each([
    ["paperlessNgx", "paperless_ngx"],
    ["paperless-ngx", "paperless_ngx"],
    ["run-secrets", "run_secrets"],
    ["a.b", "a_b"],
  ])("%s in snake case is %s", (text, expected) => {
    expect(snakeCase(text)).toBe(expected);
  });
});

test("a template takes values for all its names", () => {
  expect(Content.template("listen {{ port }} on {{host}}", { port: 80, host: "$&" }).text).toBe("listen 80 on $&");
  // @ts-expect-error the compiler holds the values against the names in the text
  expect(() => Content.template("listen {{port}}", {})).toThrow('no value for "port", got none');
});

test("documents are made from objects", () => {
  expect(Content.json({ a: "`${x}`" }).text).toBe('{\n  "a": "`${x}`"\n}\n');
  expect(Content.yaml({ a: "no", b: ["- x", "a: b"] }).text).toBe('a: "no"\nb:\n  - "- x"\n  - "a: b"\n');
});

test("a file of text and secrets is one expression of Terraform", () => {
  expect(base64Expression(["plain"])).toBe(Buffer.from("plain").toString("base64"));
  expect(base64Expression(['a "${x}"\n', { expression: "var.p", encode: "url" }])).toBe(
    '${base64encode(join("", ["a \\"$${x}\\"\\n", replace(urlencode(var.p), "+", "%20")]))}',
  );
});

describe("StorageLayout", () => {
  test("says where volumes and files are", () => {
    const folders = StorageLayout.serviceFolders("/mnt/data/services", { linkFrom: "/srv" });

    expect(StorageLayout.dockerVolumes().volume("a", "data")).toEqual({ kind: "volume" });
    expect(folders.volume("a", "data")).toEqual({
      kind: "folder",
      path: "/mnt/data/services/a/data",
      root: "/mnt/data/services",
      link: { from: "/srv/a", to: "/mnt/data/services/a" },
    });
    expect(StorageLayout.optHomelab().volume("a", "data")).toEqual({
      kind: "folder",
      path: "/opt/homelab/data/a/data",
      root: "/opt/homelab/data",
    });
    expect(StorageLayout.optHomelab().files("a")).toBe("/opt/homelab/config/a");
  });

  test("fails for a relative folder", () => {
    expect(() => StorageLayout.serviceFolders("data")).toThrow("must be an absolute path");
  });
});

describe("a cron line", () => {
  test.each([
    ["30 2 * * *", "*-*-* 02:30:00"],
    ["*/15 * * * *", "*-*-* *:00..59/15:00"],
    ["0 3 * * 1-5", "Mon..Fri *-*-* 03:00:00"],
    ["0 3 * * 0", "Sun *-*-* 03:00:00"],
    ["5 4 1,15 * *", "*-*-01,15 04:05:00"],
    ["0 0 1 1-6/2 *", "*-01..06/2-01 00:00:00"],
    ["0 3 * * sun", "Sun *-*-* 03:00:00"],
  ])("%s is %s", (line, expected) => {
    expect(calendarOfCron(line, "test")).toBe(expected);
  });

  test.each([
    ["30 2 * *", "must be a cron line of five fields"],
    ["61 2 * * *", 'has no value for "61"'],
    ["0 3 1 * 1", "must not limit both"],
    ["0 3 * * someday", 'has no weekday "someday"'],
    ["5-1 3 * * *", 'has no value for "5-1"'],
  ])("fails for %s", (line, message) => {
    expect(() => calendarOfCron(line, "test")).toThrow(message);
  });
});
