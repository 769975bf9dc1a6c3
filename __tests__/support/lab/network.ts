import { Namespaces } from "../namespaces";

/** Where the containers of a host find the host. */
const GATEWAY = "172.18.0.1";

/** The addresses of the hosts that a lab for `LabNetwork` may have, by number from 0 to 9. */
export function addressesOf(number: number): { readonly lanAddress: string; readonly publicAddress: string } {
  const last = 4 * number + 2;
  return { lanAddress: `192.168.1.${last}`, publicAddress: `203.0.113.${last}` };
}

/** Addresses of those who ask. */
export const INTERNET = "198.51.100.7";
export const LAN = "192.168.1.50";
export const CLOUDFLARE = "173.245.48.7";

/**
 * A network for a lab: the internet, the LAN, Cloudflare, the lab's hosts, and behind each host the network of its
 * containers, whose requests to others leave with the host's address, as Docker has it.
 */
export class LabNetwork {
  private readonly spaces = new Namespaces("net");

  public constructor(hosts: readonly { readonly name: string; readonly lanAddress: string }[]) {
    const { spaces } = this;
    this.route("net");
    spaces.join("internet", [["198.51.100.1/24", `${INTERNET}/24`]]);
    spaces.join("cloudflare", [["173.245.48.1/24", `${CLOUDFLARE}/24`]]);
    spaces.join("lan", [["192.168.1.49/30", `${LAN}/30`]]);
    for (const { name: host, lanAddress } of hosts) {
      const publicAddress = lanAddress.replace("192.168.1.", "203.0.113.");
      const before = (address: string): string => address.replace(/\d+$/, (last) => `${Number(last) - 1}`);
      spaces.join(host, [
        [`${before(lanAddress)}/30`, `${lanAddress}/30`],
        [`${before(publicAddress)}/30`, `${publicAddress}/30`],
      ]);
      this.route(host);
      spaces.join(`${host}-c`, [[`${GATEWAY}/16`, "172.18.0.2/16"]], host);
      const masquerade = "ip saddr 172.18.0.0/16 oifname eth0 masquerade";
      this.run(host, `nft 'table ip nat { chain post { type nat hook postrouting priority 100; ${masquerade}; }; }'`);
      // Every other address of the network is one of its containers.
      for (const part of ["172.18.1.0/24", "172.18.2.0/24", "172.18.3.0/24"])
        this.run(`${host}-c`, `ip route add local ${part} dev lo`);
    }
  }

  /** Words that run a command somewhere: on a host, in the network of its containers, or as one of those who ask. */
  public on(place: string): string[] {
    return this.spaces.on(place);
  }

  /** Leads a port of a host to one of its containers. */
  public publish(host: string, ip: string, external: number, address: string, internal: number): void {
    const rule = `ip daddr ${ip} tcp dport ${external} dnat to ${address}:${internal}`;
    this.run(
      host,
      `nft 'table ip nat { chain pre { type nat hook prerouting priority -100; }; }'; nft add rule ip nat pre ${rule}`,
    );
  }

  /** Removes all of it. */
  public remove(): void {
    this.spaces.remove();
  }

  private route(place: string): void {
    this.run(place, "echo 1 > /proc/sys/net/ipv4/ip_forward");
  }

  private run(place: string, script: string): void {
    const { status, said } = this.spaces.run(place, script);
    if (status !== 0) throw new Error(`${place}: ${script}: ${said}`);
  }
}
