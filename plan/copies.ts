import { hasData } from "../contract/ledger";
import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import { isMoved } from "./data";
import { heirsOf } from "./heirs";
import type { ComparedLabs } from "./labs";
import type { ServiceReport, StepReport } from "./model";

type Entry = Manifest["ledger"][string];

/** How the data of a service that moves gets there. */
export function copiesOf({ base, head }: ComparedLabs, report: ServiceReport): StepReport[] {
  const [was, is] = [base?.manifest, head.manifest];
  if (!was || !is) return [];
  return relocatedData(was, is, report).flatMap(({ from, to }) => {
    const command = to.kind === "database" ? databaseCopy(was, is, from, to) : fileCopy(was, is, from, to);
    return command === undefined ? [] : [{ command, why: `copies ${to.kind} ${to.name}, to where it is expected` }];
  });
}

/** What a service holds in another place than before. */
export function relocatedData(
  was: Manifest | undefined,
  is: Manifest | undefined,
  report: ServiceReport,
): { readonly from: Entry; readonly to: Entry }[] {
  if (!was || !is) return [];
  return [...heirsOf(was, is).keys].flatMap(([former, key]) => {
    const [from, to] = [was.ledger[former], is.ledger[key]];
    const isOwn = key.startsWith(`${report.service}/`) && from?.released === false && to?.released === false;
    return isOwn && isMoved(from, to) ? [{ from, to }] : [];
  });
}

function fileCopy(was: Manifest, is: Manifest, from: Entry, to: Entry): string | undefined {
  if (from.host === undefined || to.host === undefined || !hasData(to)) return undefined;
  const make =
    to.kind === "volume"
      ? `docker volume create ${shellWord(to.name)} >/dev/null`
      : `sudo mkdir -p ${shellWord(to.name)}`;
  const pack = `sudo tar --numeric-owner -C ${folder(from)} -cf - .`;
  const unpack = `${make} && sudo tar --numeric-owner -C ${folder(to)} -xpf -`;
  return `${ssh(was, from.host)} ${shellWord(pack)} | ${ssh(is, to.host)} ${shellWord(unpack)}`;
}

function folder({ kind, name }: Entry): string {
  return kind === "volume" ? `"$(docker volume inspect -f '{{.Mountpoint}}' ${shellWord(name)})"` : shellWord(name);
}

function databaseCopy(was: Manifest, is: Manifest, from: Entry, to: Entry): string {
  const connection = (lab: Manifest, server: string | undefined): string => {
    const found = lab.databaseServers.find(({ name }) => name === server);
    return `-h ${shellWord(found?.host ?? "")} -p ${found?.port ?? 5432} -U ${shellWord(found?.adminRole ?? "postgres")}`;
  };
  const databases = is.services.flatMap((own) => own.databases);
  const [owner = to.name] = databases.find(({ server, name }) => server === to.server && name === to.name)?.roles ?? [];
  return `pg_dump ${connection(was, from.server)} -Fc ${shellWord(from.name)} | pg_restore ${connection(is, to.server)} --no-owner --role ${shellWord(owner)} -d ${shellWord(to.name)}`;
}

/** The beginning of a command that runs on a host, as its deployer reaches it. */
export function ssh(manifest: Manifest | undefined, host: string): string {
  const found = manifest?.hosts.find(({ name }) => name === host);
  const { user, port = 22 } = found?.ssh ?? {};
  const target = user === undefined ? host : `${user}@${found?.lanAddress ?? host}`;
  return `ssh${port === 22 ? "" : ` -p ${port}`} ${shellWord(target)}`;
}
