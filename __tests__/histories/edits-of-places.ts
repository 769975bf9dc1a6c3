import { HOSTS, SERVERS, holdsData, partsOf, type ServiceCode } from "./code";
import {
  acknowledge,
  afresh,
  companionsOf,
  drop,
  isFree,
  isFreeIn,
  isOwn,
  knownKey,
  nameOf,
  pick,
  reason,
  renamable,
  type Change,
  type Memory,
} from "./editing";

/** What goes elsewhere, or becomes something else. */
export const PLACES = {
  nameIt(code, { on }) {
    const placed = pick(
      renamable(code).filter(({ part }) => part.named !== true),
      on,
    );
    if (!placed) return undefined;
    placed.part.named = true;
    return `${nameOf(placed)} has a name of its own`;
  },
  mountElsewhere(code, { on }) {
    const placed = pick(
      renamable(code).filter(({ part }) => part.kind === "volume"),
      on,
    );
    if (!placed) return undefined;
    placed.part.elsewhere = placed.part.elsewhere !== true;
    return `${nameOf(placed)} is mounted at another path`;
  },
  moveIntoCompanion(code, { on }) {
    const placed = pick(
      companionsOf(code)
        .filter(({ companion }) => companion.kind === "container")
        .flatMap(({ service, companion, key }) =>
          renamable(code)
            .filter((one) => one.service === service && one.path.length === 0 && !(one.key in companion.parts))
            .map((one) => ({ ...one, companion, into: key })),
        ),
      on,
    );
    if (!placed) return undefined;
    drop(placed.container.parts, placed.key);
    placed.companion.parts[placed.key] = afresh(placed.part);
    return `${nameOf(placed)} moves into companion ${placed.into}`;
  },
  moveOutOfCompanion(code, { on }) {
    const placed = pick(
      renamable(code).filter(({ service, path, key }) => path.length > 0 && isFreeIn(service, service, key)),
      on,
    );
    if (!placed) return undefined;
    drop(placed.container.parts, placed.key);
    placed.service.parts[placed.key] = afresh(placed.part);
    return `${nameOf(placed)} moves out of its companion`;
  },
  moveToService(code, { on, to, how }, memory) {
    const moving = renamable(code).filter((one) => knownKey(one) !== undefined);
    const placed = pick(moving, on);
    const into = pick(
      code.services.filter((one) => one !== placed?.service && isFreeIn(one, one, placed?.key ?? "")),
      to,
    );
    if (!placed || !into) return undefined;
    const formerly = knownKey(placed);
    drop(placed.container.parts, placed.key);
    into.parts[placed.key] = { ...placed.part, known: undefined, formerly };
    return `${nameOf(placed)} moves to ${into.name}, formerly ${JSON.stringify(formerly)}${said(into, how, memory)}`;
  },
  takeOver(code, { on, to, how }, memory) {
    const left = memory.removed.filter(({ name }) => isFree(code, name)).flatMap(partsOf);
    const placed = pick(
      left.filter((one) => holdsData(one.part) && one.path.length === 0 && knownKey(one) !== undefined),
      on,
    );
    const into = pick(
      code.services.filter((one) => isFreeIn(one, one, placed?.key ?? "")),
      to,
    );
    if (!placed || !into) return undefined;
    const formerly = knownKey(placed);
    into.parts[placed.key] = { ...afresh(placed.part), formerly };
    return `${into.name} takes over ${JSON.stringify(formerly)}${said(into, how, memory)}`;
  },
  moveServer({ own, services }, { on, how }, memory) {
    const isUsed = services.some(({ server }) => server === "own");
    const places = [...HOSTS, "elsewhere", "nowhere"] as const;
    const at = pick(
      places.filter((place) => place !== own.at && !(place === "nowhere" && isUsed)),
      on,
    );
    if (!at) return undefined;
    own.at = at;
    if (how % 3 > 0) own.relocation = reason(memory);
    return `the own server is ${at === "elsewhere" || at === "nowhere" ? at : `on ${at}`}${how % 3 > 0 ? ", acknowledged" : ""}`;
  },
  relocate(code, { on, how }, memory) {
    const service = pick(code.services, on);
    if (!service) return undefined;
    service.host = service.host === HOSTS[0] ? HOSTS[1] : HOSTS[0];
    return `${service.name} moves to ${service.host}${said(service, how, memory)}`;
  },
  relocateDatabases(code, { on, to, how }, memory) {
    const service = pick(
      code.services.filter((one) => partsOf(one).some(({ part }) => part.kind === "database")),
      on,
    );
    const server = pick(
      SERVERS.filter((name) => name !== service?.server && (name !== "own" || code.own.at !== "nowhere")),
      to,
    );
    if (!service || !server) return undefined;
    service.server = server;
    return `databases of ${service.name} move to ${server}${said(service, how, memory)}`;
  },
  changeLayout(code, { on, how }, memory) {
    const host = pick(HOSTS, on) ?? HOSTS[0];
    code.layouts[host] = code.layouts[host] === "volumes" ? "folders" : "volumes";
    if (how % 3 > 0) {
      for (const service of code.services) if (service.host === host) acknowledge(service, memory);
      if (code.own.at === host) code.own.relocation = reason(memory);
    }
    return `${host} keeps ${code.layouts[host]}${how % 3 > 0 ? ", acknowledged" : ""}`;
  },
  unacknowledge(code, { on }) {
    const service = pick(
      code.services.filter(({ acknowledged }) => acknowledged !== undefined),
      on,
    );
    if (!service) return undefined;
    delete service.acknowledged;
    return `${service.name} acknowledges nothing any more`;
  },
  changeKind(code, { on, how }, memory) {
    const placed = pick(
      code.services.flatMap(partsOf).filter(({ part, companion }) => part.kind !== "secret" && isOwn(companion)),
      on,
    );
    if (!placed) return undefined;
    const kinds = (["volume", "host path", "tmpfs", "database"] as const).filter((kind) => kind !== placed.part.kind);
    const kind = pick(kinds, how) ?? "volume";
    const { known } = placed.part;
    placed.container.parts[placed.key] = { kind, known };
    if (kind === "database" && how > 3) acknowledge(placed.service, memory);
    return `${nameOf(placed)}, a ${placed.part.kind}, becomes a ${kind}`;
  },
  changeRoles(code, { on, how }) {
    const placed = pick(
      code.services.flatMap(partsOf).filter(({ part }) => part.kind === "database"),
      on,
    );
    if (!placed) return undefined;
    const option = (["separate", "readers", "extension"] as const)[how % 3] ?? "separate";
    placed.part[option] = placed.part[option] !== true;
    return `${nameOf(placed)}: ${option} ${placed.part[option] ? "on" : "off"}`;
  },
} satisfies Record<string, Change>;

/** Says how data follows a move, or forgets to. */
function said(service: ServiceCode, how: number, memory: Memory): string {
  if (how % 3 === 0) return "";
  acknowledge(service, memory);
  return ", acknowledged";
}
