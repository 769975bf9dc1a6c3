import { ADOPTED } from "../contract/secret-names";
import type { LedgerEntry } from "../contract/ledger";
import type { Manifest } from "../contract/manifest";
import { shellWord } from "../contract/text";
import { copiesOf, relocatedData, ssh } from "./copies";
import { abandonedStacks, type ComparedLabs } from "./labs";
import type { ResourceReport, ServiceReport, StepReport } from "./model";
import { closeTogether, rotationNote, rotationsOf } from "./rotations";

/**
 * The deployment as commands, in the order that the change needs. What is added comes after what it needs: databases,
 * hosts, edge, monitoring; what only goes is taken away in the reverse order. A service that moves is stopped, its
 * data copied, and then started.
 */
export function reportSteps(
  labs: ComparedLabs,
  resources: readonly ResourceReport[],
  services: readonly ServiceReport[],
): StepReport[] {
  const moved = services.filter(({ change }) => change === "relocated");
  const rotations = rotationsOf(labs);
  const order = closeTogether(deploymentOrder(labs, resources, moved), rotations, (stack) => needsOf(labs, stack));
  const deployments = order.map((stack) => deployment(labs, stack, resources, rotationNote(stack, rotations)));
  const copies = moved.flatMap((report) => copiesOf(labs, report));
  const stops = [
    ...moved.flatMap((report) => containers("stop", labs, report, "it is stopped before its data is copied")),
    ...services
      .filter(({ change }) => change === "removed")
      .filter((report) => losesDatabaseFirst(labs, report, order))
      .flatMap((report) => containers("stop", labs, report, "its database is let go before its host is deployed")),
  ];
  // Whose container is not made anew has to be started again.
  const starts = moved
    .filter(({ service: name, host, relocatedFrom }) => host === relocatedFrom && !startsAnew(resources, name))
    .flatMap((report) => containers("start", labs, report, "its data is where it is expected"));
  const at = placeOfCopies(labs, order, moved, resources);
  return [...abandoned(labs), ...stops, ...deployments.slice(0, at), ...copies, ...starts, ...deployments.slice(at)];
}

/** What a stack needs, before or after the change. */
function needsOf({ base, head }: ComparedLabs, stack: string): string[] {
  return [...(head.dependencies[stack] ?? []), ...(base?.dependencies[stack] ?? [])];
}

/** Stacks in which something happens, ordered by what each of them does. */
function deploymentOrder(
  { base, head }: ComparedLabs,
  resources: readonly ResourceReport[],
  moved: readonly ServiceReport[],
): string[] {
  const touched = [...new Set(resources.map(({ stack }) => stack))].filter((stack) =>
    head.stacks.some(({ name }) => name === stack),
  );
  const takes = new Set(["destroyed", "released"]);
  const adds = (stack: string): boolean => resources.some((one) => one.stack === stack && !takes.has(one.kind));
  const needs = (stack: string): readonly string[] => needsOf({ base, head }, stack);
  const before = new Map(touched.map((stack) => [stack, new Set<string>()]));
  for (const stack of touched) {
    for (const needed of needs(stack)) {
      // Who only loses something does so before what it needed is gone.
      if (adds(stack) && adds(needed)) before.get(stack)?.add(needed);
      else before.get(needed)?.add(stack);
    }
  }
  // What is left behind goes last, when the data has arrived.
  for (const report of moved) {
    for (const [from, to] of relocations({ base, head }, report)) if (!adds(from)) before.get(from)?.add(to);
  }
  const byAdding = sorted(touched.sort(), new Map(touched.map((stack) => [stack, new Set(needs(stack))])));
  const [adding, taking] = [byAdding.filter(adds), byAdding.filter((stack) => !adds(stack))];
  return sorted([...taking.reverse(), ...adding], before);
}

/** The stacks between which a service moves, its own and those of its data. */
function relocations({ base, head }: ComparedLabs, report: ServiceReport): (readonly [string, string])[] {
  const [was, is] = [base?.manifest, head.manifest];
  const places = relocatedData(was, is, report).map(
    ({ from, to }) => [placeStack(was, from), placeStack(is, to)] as const,
  );
  const hosts = [stackOfHost(was, report.relocatedFrom ?? ""), stackOfHost(is, report.host)] as const;
  return [...places, hosts].flatMap(([from, to]) =>
    from !== undefined && to !== undefined && from !== to ? [[from, to] as const] : [],
  );
}

/** Sorted so that everything comes after what is before it. Where that is impossible, in the order given. */
function sorted(stacks: readonly string[], before: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const waiting = [...stacks];
  const done: string[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(
      (stack) => ![...(before.get(stack) ?? [])].some((other) => waiting.includes(other)),
    );
    done.push(...waiting.splice(Math.max(ready, 0), 1));
  }
  return done;
}

function deployment(labs: ComparedLabs, stack: string, resources: readonly ResourceReport[], note: string): StepReport {
  const adopted = resources.filter(
    (one) => one.stack === stack && one.kind === "adopted" && one.address.startsWith("postgresql_database."),
  );
  const variable =
    adopted.length === 0
      ? ""
      : `TF_VAR_${ADOPTED}=${shellWord(JSON.stringify(adopted.map(({ address }) => address)))} `;
  const own = resources.filter((one) => one.stack === stack);
  const names = [...new Set(own.map(({ service }) => service).filter((name) => name !== undefined))].sort();
  const shared = own.some(({ service }) => service === undefined) ? ["what services share"] : [];
  const isNew = labs.base !== undefined && !labs.base.stacks.some(({ name }) => name === stack);
  return {
    command: `${variable}npx cdktf deploy ${shellWord(stack)} --ignore-missing-stack-dependencies`,
    why: `${isNew ? "a new stack: " : ""}${[...names, ...shared].join(", ")}${adopted.length > 0 ? "; takes over what exists on the server" : ""}${note}`,
  };
}

function abandoned(labs: ComparedLabs): StepReport[] {
  return abandonedStacks(labs).map(({ name }) => ({
    command: `npx cdktf destroy ${shellWord(name)} --ignore-missing-stack-dependencies`,
    why: "before this change is merged: the code no longer has the stack, and what it made would stay where it is; Terraform refuses as long as it protects data there",
  }));
}

function startsAnew(resources: readonly ResourceReport[], name: string): boolean {
  return resources.some(
    ({ service: of, kind, address }) =>
      of === name && address.startsWith("docker_container.") && (kind === "created" || kind === "restarted"),
  );
}

/** Before which deployment data is copied: that of the first host that starts on it, or the first that lets go of it. */
function placeOfCopies(
  { head }: ComparedLabs,
  order: readonly string[],
  moved: readonly ServiceReport[],
  resources: readonly ResourceReport[],
): number {
  const hosts = new Set(moved.map(({ host }) => stackOfHost(head.manifest, host)));
  const makes = new Set(resources.flatMap(({ kind, stack }) => (kind === "created" ? [stack] : [])));
  const first = order.findIndex((stack) => hosts.has(stack) || !makes.has(stack));
  return first < 0 ? order.length : first;
}

function containers(
  command: "stop" | "start",
  { base }: ComparedLabs,
  report: ServiceReport,
  why: string,
): StepReport[] {
  const was = base?.manifest?.services.find(({ name }) => name === (report.renamedFrom ?? report.service));
  if (!was) return [];
  const names = [was.container, ...was.companions.map(({ container }) => container)];
  return [
    {
      command: `${ssh(base?.manifest, was.host)} ${shellWord(`docker ${command} ${names.map(shellWord).join(" ")}`)}`,
      why: `${report.service}: ${why}`,
    },
  ];
}

function losesDatabaseFirst({ base }: ComparedLabs, report: ServiceReport, order: readonly string[]): boolean {
  const was = base?.manifest?.services.find(({ name }) => name === report.service);
  return (was?.databases ?? []).some(({ server }) => {
    const stack = base?.manifest?.databaseServers.find(({ name }) => name === server)?.stack ?? "";
    return order.includes(stack) && order.indexOf(stack) < order.indexOf(was?.stack ?? "");
  });
}

function placeStack(manifest: Manifest | undefined, { host, server }: LedgerEntry): string | undefined {
  if (host !== undefined) return stackOfHost(manifest, host);
  return manifest?.databaseServers.find(({ name }) => name === server)?.stack;
}

function stackOfHost(manifest: Manifest | undefined, host: string): string | undefined {
  return manifest?.hosts.find(({ name }) => name === host)?.stack;
}
