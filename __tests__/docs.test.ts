import * as fs from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { HomelabService, Probe } from "../constructs";
import { Announcement } from "../docs/examples/own-part";
import { inOneStack, withStacks } from "../docs/examples/own-stacks";
import { archive } from "../docs/examples/whole-service";
import { labels, synthesize, synthesizeLab } from "./support/synthesis";

const root = path.join(__dirname, "..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
const within = (folder: string, ending: string): string[] =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "offline/README.md",
  "docs/design.md",
  "docs/faults.md",
  "docs/map.md",
  ...within("docs/guides", ".md"),
];
const compiled = [
  ...within("docs/examples", ".ts"),
  ...within("services", ".ts"),
  ...within("constructs", ".ts"),
  "main.ts",
  "homelab.config.ts",
]
  .map((file) => squeezed(read(file)))
  .join("\n");

function squeezed(text: string): string {
  return text.replace(/\s+/g, "");
}

test.each(pages)("the code in %s is compiled", (page) => {
  const blocks = [...read(page).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block ?? "");

  expect(blocks.filter((block) => !compiled.includes(squeezed(block)))).toEqual([]);
});

test.each(pages)("the links in %s lead somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, link]) => link ?? "");

  expect(links.filter((link) => !fs.existsSync(path.join(root, path.dirname(page), link)))).toEqual([]);
});

test("the commands that the pages name exist", () => {
  const { scripts } = JSON.parse(read("package.json"));
  const named = pages.flatMap((page) => [...read(page).matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name ?? ""));

  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("the examples synthesize", () => {
  expect(Object.keys(synthesize((app: App) => void withStacks(app)).stacks)).toEqual(["box", "edge"]);
  expect(Object.keys(synthesize((app: App) => void inOneStack(app)).stacks)).toEqual(["everything"]);
  const { manifest } = synthesizeLab(
    (lab) =>
      void archive(lab.host("app-01"), {
        zone: lab.zone("example.com"),
        database: lab.postgres("main"),
        monitoring: lab.monitoring,
      }),
  );
  expect(manifest.services[0]?.data.map(({ key }) => key)).toEqual(["archive/data", "archive/db", "archive/db.owner"]);
});

test("the part of the guide works", () => {
  const { stacks } = synthesizeLab((lab) => {
    new HomelabService(lab.host("app-01"), "app", {
      image: "example/app:1",
      health: Probe.none("test"),
      parts: { page: Announcement.on("Tools") },
    });
  });

  expect(labels(stacks["app-01"]?.resource.docker_container?.app)).toMatchObject({
    "homepage.group": "Tools",
    "homepage.icon": "app",
  });
});

test("Renovate's pattern finds every image of the catalogue", () => {
  const [manager] = JSON.parse(read("renovate.json")).customManagers;
  const pattern = new RegExp(manager.matchStrings[0], "g");
  const files = [...within("services", ".ts"), "homelab.config.ts"];
  const found = files.flatMap((file) =>
    [...read(file).matchAll(pattern)].map(({ groups }) => `${groups?.depName}:${groups?.currentValue}`),
  );
  const declared = files.flatMap((file) => [...read(file).matchAll(/image: "([^"]+)"/g)].map(([, image]) => image));

  expect(found).toEqual(declared);
  expect(found.length).toBeGreaterThan(9);
});
