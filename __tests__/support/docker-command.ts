import { spawnSync } from "node:child_process";
import type { Engine } from "./engine";

/** How a program ended, and what it said. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Docker's command on an engine; `input` is what its program reads. */
export function docker(engine: Engine, words: readonly string[], input?: string): Ended {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const { status, stdout, stderr } = spawnSync("docker", words, { env, encoding: "utf8", input });
  return { status, stdout, stderr };
}
