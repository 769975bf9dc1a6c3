import type { Commit } from "./line";
import { secretsOf, usedBy, type Used } from "./promise";
import type { Rendered } from "./synthesis";
import type { Thing, World } from "./terraform-model";

/** What each datum of a person is in: whatever is deployed, it is found there again, and by nobody else. */
export class BoundData {
  /** The thing that each datum has in each place, by its serial, and the other way round. */
  private readonly bound = new Map<string, number>();
  private readonly owners = new Map<number, string>();
  private readonly secrets = new Map<string, string>();
  private readonly databases = new Map<number, string>();

  public constructor(
    private readonly world: World,
    private readonly prefix: string,
  ) {}

  /** Whether every container has what its person means. */
  public compare({ code }: Commit, made: Rendered): string | undefined {
    for (const used of usedBy(code, made, this.prefix)) {
      const wrong = this.bind(used);
      if (wrong !== undefined) return wrong;
    }
    const secrets = secretsOf(code, made, this.prefix);
    for (const [datum, name] of secrets) {
      const known = this.secrets.get(datum);
      if (known !== undefined && known !== name) return `the secret of ${datum} was ${known} and is ${name}`;
      const [owner] = secrets.find(([other, taken]) => taken === name && other !== datum) ?? [];
      if (owner !== undefined) return `the secret ${name} of ${datum} is that of ${owner}`;
      this.secrets.set(datum, name);
    }
    return undefined;
  }

  private bind({ datum, place, type, name, database }: Used): string | undefined {
    const thing = this.world.find(place, type, name);
    if (!thing) return `${datum} is to be in ${type} ${JSON.stringify(name)} of ${place}, which does not exist`;
    const where = `${datum} ${type} ${place}`;
    const known = this.bound.get(where);
    if (known !== undefined && known !== thing.serial)
      return `${datum} is in ${type} ${name} of ${place}, and its data elsewhere`;
    const owner = this.owners.get(thing.serial);
    if (owner !== undefined && owner !== datum)
      return `${datum} is in ${type} ${name} of ${place}, which is that of ${owner}`;
    this.bound.set(where, thing.serial);
    this.owners.set(thing.serial, datum);
    if (database !== undefined) {
      const made = this.databases.get(thing.serial) ?? database;
      if (made !== database) return `${datum} was made with ${made} and is asked for ${database}`;
      this.databases.set(thing.serial, made);
    }
    return undefined;
  }

  /** Forgets the secrets of what somebody gave up: what has its key next gets others. */
  public forgetSecrets(thing: Thing): void {
    const datum = this.owners.get(thing.serial);
    for (const owner of [datum, `${datum} of readers`]) this.secrets.delete(owner ?? "");
  }
}
