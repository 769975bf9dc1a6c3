import type { ContainerCreateOptions } from "dockerode";
import { missingForBackupTools } from "./backup-tools";
import { missingForDebian } from "./debian-tree";
import type { Engine } from "./engine";
import { ENTRYPOINTS, programsArchive, type Release } from "./program-trees";

/** How containers of an image start. */
type Start = Pick<ContainerCreateOptions, "Cmd" | "Entrypoint" | "Env" | "StopSignal">;

const POSTGRES: Start = {
  Entrypoint: [`${ENTRYPOINTS}/postgres`],
  Env: ["PGDATA=/var/lib/postgresql/data"],
  StopSignal: "SIGINT", // on which it does not wait for its clients
};

/** Real programs in an image, started as their official images start them. */
export class DebianImage {
  /** borgmatic 2.1, Borg 1.4, restic 0.19, an SSH client and server, SQLite. */
  public static readonly backupTools = new DebianImage("trixie", { Cmd: ["sleep", "infinity"] });
  /** PostgreSQL 15 with its contrib. */
  public static readonly postgres15 = new DebianImage("bookworm", POSTGRES);
  /** PostgreSQL 17 with its contrib. */
  public static readonly postgres17 = new DebianImage("trixie", POSTGRES);
  /** MariaDB 10.11. */
  public static readonly mariadb = new DebianImage("bookworm", { Entrypoint: [`${ENTRYPOINTS}/mariadb`] });
  /** Redis 7.0. */
  public static readonly redis = new DebianImage("bookworm", { Cmd: ["redis-server", "--dir", "/data"] });

  /** What is not there for one. */
  public static missing(): string | undefined {
    return missingForDebian() ?? missingForBackupTools();
  }

  private constructor(
    private readonly release: Release,
    private readonly start: Start,
  ) {}

  /** Gives it to an engine under a name. All images of one release share a layer, which costs seconds once. */
  public async import(engine: Engine, name: string): Promise<void> {
    const base = `homelab-tests/${this.release}:1`;
    const known = await engine.docker.listImages({ filters: { reference: [base] } });
    if (known.length === 0) await engine.importArchive(programsArchive(this.release), base);
    const container = await engine.docker.createContainer({ Image: base, Cmd: [], ...this.start });
    const [repo = name, tag = "latest"] = name.split(":");
    await container.commit({ repo, tag });
    await container.remove();
  }
}
