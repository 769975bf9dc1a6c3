import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const root = path.resolve(__dirname, "..");
const ROOMS = [
  "contract",
  "process",
  "constructs",
  "stacks",
  "services",
  "plan",
  "deploy",
  "cli",
  "offline",
  "testing",
];

/** The files that each file imports, types included, by their paths from the root. */
function imports(): ReadonlyMap<string, readonly string[]> {
  const files = ROOMS.flatMap((room) =>
    fs
      .readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => path.join(room, name)),
  );
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(fs.readFileSync(path.join(root, file), "utf8"), true, true);
      const own = importedFiles.flatMap(({ fileName }) => {
        if (!fileName.startsWith(".")) return [];
        const target = path.join(path.dirname(file), fileName);
        return [`${target}.ts`, path.join(target, "index.ts")].filter((one) => files.includes(one));
      });
      return [file, own];
    }),
  );
}

/** A way from a file back to itself, if there is one among those that can be reached. */
function circle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const found = visit(next, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found) return found;
  }
  return undefined;
}

test("no file reaches itself by its imports", () => {
  const graph = imports();
  expect(graph.get("constructs/routing/route.ts")).toContain("constructs/routing/zone.ts"); // what is imported is seen
  expect(circle(graph)).toBeUndefined();
  expect(circle(new Map([...graph, ["contract/text.ts", ["constructs/routing/route.ts"]]]))).toContain(
    "contract/text.ts",
  );
});
