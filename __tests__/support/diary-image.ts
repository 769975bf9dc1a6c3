import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

const root = path.join(__dirname, "../..");

/** The root of an image with this machine's Node, the libraries that it needs, and the diary. */
export function makeDiaryRoot(folder: string): void {
  const copy = (from: string, to: string): void => copyInto(folder, from, to);
  copyProgram(folder, process.execPath, "/usr/bin/node");
  for (const name of withDependencies("pg")) copy(path.join(root, "node_modules", name), `/app/node_modules/${name}`);
  for (const file of ["server.js", "health.js"]) copy(path.join(__dirname, "diary", file), `/app/${file}`);
  // A new volume takes its owner from the folder of the image that it is mounted on.
  for (const name of ["data", "tmp"]) {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
    fs.chownSync(path.join(folder, name), 1000, 1000);
  }
}

/** Puts a program of this machine into the root of an image, with the libraries that it needs. */
export function copyProgram(folder: string, program: string, to: string): void {
  copyInto(folder, program, to);
  const libraries = execFileSync("ldd", [program], { encoding: "utf8" });
  for (const [library] of libraries.matchAll(/\/[^\s:]+/g)) copyInto(folder, library, library);
}

function copyInto(folder: string, from: string, to: string): void {
  fs.mkdirSync(path.dirname(path.join(folder, to)), { recursive: true });
  fs.cpSync(fs.realpathSync(from), path.join(folder, to), { recursive: true, dereference: true });
}

function withDependencies(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  const file = path.join(root, "node_modules", name, "package.json");
  const { dependencies = {} } = JSON.parse(fs.readFileSync(file, "utf8")) as { dependencies?: Record<string, string> };
  for (const other of Object.keys(dependencies)) withDependencies(other, found);
  return found;
}
