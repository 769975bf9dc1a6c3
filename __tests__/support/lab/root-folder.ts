import * as fs from "node:fs";
import * as path from "node:path";
import type { StackJson } from "../synthesis";
import { placedFiles } from "../synthesis";
import type { LabContainer } from "./containers";

/** The files of a container as its programs see them, in a folder that they run in by `chroot`. */
export class RootFolder {
  public constructor(
    private readonly folder: string,
    private readonly container: LabContainer,
  ) {
    for (const name of ["etc", "tmp", "dev", ...Object.keys(container.json.tmpfs ?? {})]) {
      fs.mkdirSync(path.join(folder, name), { recursive: true });
    }
    for (const { type, target } of container.json.mounts ?? []) {
      if (type === "volume") fs.mkdirSync(path.join(folder, target), { recursive: true });
    }
    // What Terraform would hand over. It is one text for all: nothing here depends on which.
    for (const [name, value] of Object.entries(this.environment)) {
      if (name.endsWith("_FILE") && value !== "") this.write(value, "a-value-of-at-least-twenty-characters");
    }
  }

  /** Writes everything that the stack copies into the container or mounts into it, and removes what it no longer does. */
  public place(
    stack: StackJson,
    change: (file: string, content: string) => string = (_file, content) => content,
  ): void {
    const { name, json } = this.container;
    for (const [file, content] of Object.entries(placedFiles(stack))) {
      const mount = (json.mounts ?? []).find(({ source }: any) => file.startsWith(`${source}/`));
      if (mount) this.write(file.replace(mount.source, mount.target), change(file, content));
      else if (file.startsWith(`${name}:`)) this.write(file.slice(name.length + 1), change(file, content));
    }
  }

  /** Writes a file by one rename, as the deployment does. */
  public write(file: string, content: string): void {
    const to = path.join(this.folder, file);
    fs.mkdirSync(path.dirname(to), { recursive: true });
    if (fs.existsSync(to) && fs.readFileSync(to, "utf8") === content) return;
    // The new one lies in another folder: Traefik reads all that it finds in the one that it watches.
    const beside = path.join(this.folder, "tmp", path.basename(to));
    fs.writeFileSync(beside, content);
    fs.renameSync(beside, to);
  }

  /** Puts a program there. */
  public install(program: string): void {
    fs.copyFileSync(program, path.join(this.folder, path.basename(program)));
  }

  /** Words that run a program there, with the container's own variables and some of the tests. */
  public command(tests: Readonly<Record<string, string>>, program: string, ...words: string[]): string[] {
    const variables = Object.entries({ PATH: process.env.PATH, ...this.environment, ...tests }).map(
      ([name, value]) => `${name}=${value}`,
    );
    return ["env", "-i", ...variables, "chroot", this.folder, `/${path.basename(program)}`, ...words];
  }

  /** The container's variables. */
  public get environment(): Record<string, string> {
    const env: string[] = this.container.json.env ?? [];
    return Object.fromEntries(env.map((one) => [one.replace(/=.*/s, ""), one.replace(/^[^=]*=/, "")]));
  }
}
