import type { TerraformResource } from "cdktf";
import { isWholeKey } from "../lab/former-key";
import type { Holder, HolderRequest } from "../ledger/holder";
import { HolderRegistry } from "../ledger/holder-registry";
import type { PartScope } from "../part/part-scope";
import { waysFrom, type FormerKey } from "../ledger/key-history";

/** What a part keeps data in, before it has a name. */
export interface Keeping extends Pick<HolderRequest, "kind" | "place" | "root" | "defaultName"> {
  /**
   * What it is below the part's own key, for a part that keeps several things: `owner` for the role of a database.
   *
   * @default - it is what the part is
   */
  readonly below?: string;
}

/** What keeps data: its name, and the resource that stands for it. */
export interface Held<T extends TerraformResource> {
  /** The name on the host or server, as the ledger froze it. */
  readonly name: string;
  /** The resource. */
  readonly resource: T;
  /** The names in all addresses that the holder had where it is, the present one last. */
  readonly addressNames: readonly string[];
}

/**
 * Has a part keep data: the ledger freezes its name and the address of the resource that `make` defines, so that
 * neither a rename nor a removal of the code ever destroys it.
 */
export function hold<T extends TerraformResource>(
  part: PartScope,
  { below, ...request }: Keeping,
  make: (holder: Holder) => T,
): Held<T> {
  const holders = HolderRegistry.of(part.workload);
  const named = (key: string): string => (below === undefined ? key : `${key}.${below}`);
  const own = named(part.key);
  const formerly = part.formerly === undefined ? undefined : named(part.formerly);
  const holder = holders.hold({
    ...request,
    key: holderKey(part, [own]),
    former: formerHolderKeys(part, [own], formerly),
    owner: part.workload.service,
    part: [...part.workload.keyPath, own].join("."),
  });
  const resource = make(holder);
  return { name: holder.name, resource, addressNames: holders.attach(holder, resource) };
}

/** The ledger key of what a part keeps; of a companion's part by its path from the companion's key on. */
export function holderKey({ workload }: PartScope, path: readonly string[]): string {
  return [workload.service.name, ...workload.keyPath, ...path].join("/");
}

/** The ledger keys under which that may be known from before renames. */
export function formerHolderKeys(
  { workload, formerly: former }: PartScope,
  path: readonly string[],
  formerly = former,
): readonly FormerKey[] {
  const { service, keyPath, formerKeyPath } = workload;
  const [part = "", ...below] = path;
  const steps = [service.formerly ?? service.name, ...formerKeyPath, formerly ?? part, ...below];
  const whole = steps.findLastIndex(isWholeKey);
  if (whole >= 0) {
    const named = whole === steps.length - below.length - 1 ? former : steps[whole];
    return [{ key: steps.slice(whole).join("/"), isWhole: true, named }];
  }
  return waysFrom(steps, [service.name, ...keyPath, ...path]);
}
