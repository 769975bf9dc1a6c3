import { MANIFEST, type Difference } from "../differences";
import { resourceOf, type ResourceBody } from "../labs";
import { backupFindings } from "../rules/backups";
import { peopleFindings } from "../rules/people";
import type { Change } from "../rules/rule";
import type { Teller } from "./teller";

/** What a list of the report has told with its details. */
export const tellListed: Teller = (difference, change) => {
  const isTold = difference.document === MANIFEST ? isListed(difference, change) : isPlanned(difference, change);
  return isTold ? [] : undefined;
};

/** Whether Terraform plans just this difference. */
function isPlanned({ stack, path, before, after }: Difference, { lists, planned }: Change): boolean {
  if (stack === undefined) return false;
  const of = (address: unknown): boolean =>
    lists.resources.some((one) => one.stack === stack && (one.address === address || one.previousAddress === address));
  const [block, type = "", name = "", attribute] = path;
  if (block === "moved" || block === "removed" || block === "import") {
    return blocksOf(before, after).every((one) => [one.from, one.to].some(of));
  }
  if (block !== "resource") return false;
  if (attribute === undefined) return typeof name === "string" && of(`${type}.${name}`);
  const address = `${type}.${name}`;
  return planned.some(
    (one) =>
      one.stack === stack &&
      one.address.replace(/\[.*$/, "") === address &&
      (one.changed.includes(attribute) || one.replacePaths.some(([first]) => first === attribute)),
  );
}

/** The blocks of a list that are in one of both only. */
function blocksOf(before: unknown, after: unknown): ResourceBody[] {
  const [was, is] = [before, after].map((value): readonly unknown[] =>
    Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value],
  );
  const texts = [was, is].map((list = []) => new Set(list.map((one) => JSON.stringify(one))));
  const only = [
    ...(was ?? []).filter((one) => texts[1]?.has(JSON.stringify(one)) !== true),
    ...(is ?? []).filter((one) => texts[0]?.has(JSON.stringify(one)) !== true),
  ];
  return only as ResourceBody[];
}

/** Facts of a service that its stacks have as well: what changes in them Terraform plans, and the list of services tells. */
const CARRIED = new Set(
  "host stack container image port health ports hostNetwork needs resources data databases secrets monitors jobs hostPaths companions privileges routes".split(
    " ",
  ),
);

/** Facts that only people and commands read. */
const UNCARRIED = new Set(["reason", "unpinned", "none", "persisted", "shape", "acknowledged"]);

function isListed({ path, before, after }: Difference, change: Change): boolean {
  const { lists, labs } = change;
  const [block, name = "", field] = path;
  const hasService = (service: string): boolean =>
    lists.services.some((one) => one.service === service || one.renamedFrom === service);
  switch (block) {
    case "services":
      if (field === undefined) return hasService(name);
      if (path.some((step) => UNCARRIED.has(step))) return false;
      if (field === "backups" || field === "unprotected")
        return (
          !/^(before|after)$/.test(path[4] ?? "") && backupFindings(change).some(({ service }) => service === name)
        );
      if (field === "people" || field === "signOns")
        return peopleFindings(change).some(({ service }) => service === name);
      if (field === "routes" && /^(policy|subjects|bypass)$/.test(path[4] ?? ""))
        return lists.access.some(({ service }) => service === name);
      return CARRIED.has(field) && hasService(name);
    case "records":
      return lists.addresses.some(
        ({ address }) => address === `${name.split(" ")[1] ?? ""} ${name.split(" ")[0] ?? ""}`,
      );
    case "accessControl":
      return lists.access.length > 0;
    case "directories":
      return lists.resources.some(({ stack, address, kind }) => {
        const places = (lab: typeof labs.base): boolean => {
          const triggers = resourceOf(lab, stack, address)?.triggers as { readonly path?: unknown } | undefined;
          return triggers?.path === name.split(" ")[1];
        };
        return kind !== "renamed" && (places(labs.head) || places(labs.base));
      });
    case "ledger": {
      const [service = ""] = name.split("/");
      const addresses = [before, after, labs.base?.manifest?.ledger[name], labs.head.manifest?.ledger[name]].flatMap(
        (entry) => (typeof entry === "object" && entry !== null && "address" in entry ? [entry.address] : []),
      );
      return (
        lists.data.some(({ holder }) => holder === name) ||
        hasService(service) ||
        lists.resources.some((one) => addresses.includes(one.address) || addresses.includes(one.previousAddress))
      );
    }
    case "secrets":
      return (
        (field === undefined || field === "stacks") &&
        (lists.secrets.some((one) => one.name === name) || usersOf(change, name).some(hasService))
      );
    default:
      return false;
  }
}

/** The services that used a secret or use it. */
function usersOf({ labs: { base, head } }: Change, secret: string): string[] {
  return [base, head].flatMap((lab) =>
    (lab?.manifest?.services ?? []).flatMap(({ name, secrets }) =>
      secrets.some((one) => one.name === secret) ? [name] : [],
    ),
  );
}
