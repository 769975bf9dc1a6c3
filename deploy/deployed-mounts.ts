import type { LedgerEntry } from "../contract/ledger-entry";
import type { DeployedStack } from "./found";

type Body = Readonly<Record<string, unknown>>;

/** What containers mount: as they are declared, and as they were deployed. */
export class DeployedMounts {
  public constructor(private readonly stacks: readonly DeployedStack[]) {}

  /**
   * What a container has, as it was deployed, where a holder is mounted into it: the same thing under the name that it had
   * then. Undefined where nothing was deployed that mounts it.
   */
  public deployedAs({ name }: Pick<LedgerEntry, "name">): string | undefined {
    for (const { document, resources } of this.stacks) {
      const declared = (document.resource?.docker_container ?? {}) as Readonly<Record<string, Body>>;
      for (const [container, body] of Object.entries(declared)) {
        const target = bodiesIn(body.mounts).find(({ source }) => source === name)?.target;
        const address = `docker_container.${container}`;
        const there = target === undefined ? undefined : resources.find((resource) => resource.address === address);
        const found = bodiesIn(there?.instances[0]?.mounts).find((mount) => mount.target === target)?.source;
        if (typeof found === "string") return found;
      }
    }
    return undefined;
  }

  /** The database that a program keeps in a volume or a folder, as its container was told. */
  public databaseIn({ name }: Pick<LedgerEntry, "name">): string | undefined {
    const containers = this.stacks.flatMap(({ resources }) => resources.flatMap(({ instances }) => instances));
    const owner = containers.find(({ mounts }) => bodiesIn(mounts).some(({ source }) => source === name));
    const environment: readonly unknown[] = Array.isArray(owner?.env) ? owner.env : [];
    const line = environment.find((one) => typeof one === "string" && one.startsWith("POSTGRES_DB="));
    return typeof line === "string" ? line.slice("POSTGRES_DB=".length) : undefined;
  }
}

function bodiesIn(value: unknown): Body[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((one): one is Body => typeof one === "object" && one !== null);
}
