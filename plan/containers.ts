import type { Manifest } from "../contract/manifest";
import { elements, mayBeHost, mayBeSet, withDynamicBlocks } from "../contract/rendered-values";
import type { StackDocument } from "../offline/providers";
import { oncePerLab } from "./once-per-lab";
import type { WrittenLab } from "./written-lab";
import type { SynthesizedLab } from "./labs";

export type { WrittenLab } from "./written-lab";

/** A synthesized lab whose manifest can be read. */
export function written(lab: SynthesizedLab | undefined): WrittenLab | undefined {
  return lab?.manifest && { manifest: lab.manifest, stacks: lab.stacks };
}

/** A container as Terraform is told to make it, overrides included, whoever declared it. */
export interface LabContainer {
  /** Its name. */
  readonly name: string;
  /** The host; the stack's name, where no host of the lab has the stack. */
  readonly host: string;
  /** The service that it belongs to; none where it was made past the library. */
  readonly service?: string;
  /** The key of the companion that it is. */
  readonly companion?: string;
  /** Its attributes. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A port that a container publishes. */
export interface RenderedPort {
  /** The host's address; any where none is said. */
  readonly ip: string;
  /** The port on the host; none where the engine chooses one. */
  readonly external?: number;
  /** The port in the container. */
  readonly internal: number;
  /** The protocol. */
  readonly protocol: "tcp" | "udp";
}

/** Every container of a lab. */
export const containersOf = oncePerLab(({ manifest, stacks }): readonly LabContainer[] =>
  stacks.flatMap((stack) => inStack(stack, manifest)),
);

function inStack(
  { name: stack, document }: StackDocument,
  { services, hosts, databaseServers }: Manifest,
): LabContainer[] {
  const resources = Object.values(document.resource?.docker_container ?? {}).flatMap((body) => elements(body));
  return resources.map(withDynamicBlocks).map((attributes): LabContainer => {
    const name = typeof attributes.name === "string" ? attributes.name : "";
    const own = services.find(
      (one) =>
        one.stack === stack && (one.container === name || one.companions.some(({ container }) => container === name)),
    );
    const companion = own?.companions.find(({ container }) => container === name)?.part;
    const server = databaseServers.find((one) => one.stack === stack);
    const host =
      own?.host ??
      hosts.find((one) => one.stack === stack)?.name ??
      hosts.find(({ lanAddress }) => lanAddress === server?.host)?.name ??
      stack;
    return { name, host, ...(own && { service: own.name }), ...(companion !== undefined && { companion }), attributes };
  });
}

/** Whether a container has the network of its host, and with it every port that its program opens. */
export function isOnHostNetwork({ attributes }: LabContainer): boolean {
  return mayBeHost(attributes.network_mode);
}

/** The ports that a container publishes, as Docker reads them. */
export function portsOf(container: LabContainer): RenderedPort[] {
  if (isOnHostNetwork(container)) return [];
  const declared = elements(container.attributes.ports).map(({ ip, external, internal, protocol }): RenderedPort => ({
    ip: typeof ip === "string" && ip !== "" ? ip : ANY,
    ...(Number(external ?? 0) > 0 && { external: Number(external) }),
    internal: Number(internal),
    protocol: protocol === "udp" ? "udp" : "tcp",
  }));
  // All that the image names, on ports that the engine chooses.
  const all = mayBeSet(container.attributes.publish_all_ports)
    ? [{ ip: ANY, internal: 0, protocol: "tcp" as const }]
    : [];
  return [...declared, ...all];
}

/** Whether an address of a host stands for all of them. */
export function isAny(ip: string): boolean {
  return ip === ANY || ip === "::";
}

const ANY = "0.0.0.0";

/** The labels of a container by name. */
export function labelsOf({ attributes }: LabContainer): ReadonlyMap<string, string> {
  return new Map(
    elements(attributes.labels).map(({ label, value }) => [String(label), String(value).replace(/([$%])\1\{/g, "$1{")]),
  );
}

/** The image of a container, also where Terraform is told to take it from another resource. */
export function imageOf({ stacks }: Pick<WrittenLab, "stacks">, { attributes }: LabContainer): string {
  const image = typeof attributes.image === "string" ? attributes.image : "";
  const [, id] = /^\$\{docker_image\.([\w-]+)\.\w+\}$/.exec(image) ?? [];
  if (id === undefined) return image;
  const bodies = stacks.flatMap(({ document }) => elements(document.resource?.docker_image?.[id]));
  const name = bodies[0]?.name;
  return typeof name === "string" ? name : image;
}
