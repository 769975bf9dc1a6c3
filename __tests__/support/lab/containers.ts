import type { StackJson } from "../synthesis";
import { labels } from "../synthesis";

/** A container of a synthesized stack, with an address in each of its networks. */
export interface LabContainer {
  /** The container's name. */
  readonly name: string;
  /** The name of its resource. */
  readonly resource: string;
  /** Its address in the networks of its host. */
  readonly address: string;
  /** What was synthesized. */
  readonly json: any;
}

/**
 * The containers that a host's stack makes. All networks of a host are one here, 172.18.0.0/16; who has an address in it
 * keeps it, by name.
 */
export function containersOf(stack: StackJson, addresses: Map<string, string>): LabContainer[] {
  return Object.entries<any>(stack.resource.docker_container ?? {}).map(([resource, json]) => {
    const next = addresses.size;
    const address = addresses.get(json.name) ?? `172.18.${1 + Math.floor(next / 200)}.${2 + (next % 200)}`;
    addresses.set(json.name, address);
    return { name: json.name, resource, address, json };
  });
}

/** How Docker describes a container, in as far as Traefik asks. */
export function described({ name, address, json }: LabContainer, health = "healthy"): object {
  const networks: string[] = (json.networks_advanced ?? []).map((network: any) => network.name);
  return {
    Id: name,
    Name: `/${name}`,
    State: { Status: "running", Running: true, ...(json.healthcheck && { Health: { Status: health } }) },
    Config: { Labels: labels(json) },
    HostConfig: { NetworkMode: json.network_mode ?? networks[0] ?? "bridge" },
    NetworkSettings: {
      Networks: Object.fromEntries(networks.map((network) => [network, { NetworkID: network, IPAddress: address }])),
      Ports: Object.fromEntries((json.ports ?? []).map((port: any) => [`${port.internal}/${port.protocol}`, null])),
    },
  };
}

/** The ports that requests come to behind Traefik, by what its labels say. */
export function portsOf({ json }: LabContainer): number[] {
  const found = Object.entries(labels(json)).filter(([label]) => /\.loadbalancer\.server\.port$/.test(label));
  return [...new Set(found.map(([, port]) => Number(port)))];
}
