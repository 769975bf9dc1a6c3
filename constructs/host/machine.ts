import { isIP } from "node:net";
import type { FirewallProps } from "./firewall-props";
import { checkName, checkPort, checkReason } from "../values/names";
import { checkNetwork } from "../../contract/networks";
import type { StorageLayout } from "./storage-layout";
import { quote } from "../../contract/text";

/** How a host is reached for deployments. */
export interface HostSsh {
  /** The user, a member of the `docker` group. Root, or a user with password-less sudo, places files. */
  readonly user: string;
  /** The pinned public host key: its type and its base64, as in `known_hosts`. */
  readonly hostKey: string;
  /**
   * The uid of a user who is not root: no container may run as it, and no file of one may belong to it.
   *
   * @default 870, which `homelab bootstrap` gives to a user that it makes
   */
  readonly uid?: number;
  /**
   * The port of sshd.
   *
   * @default 22
   */
  readonly port?: number;
  /**
   * The public keys of those who deploy, as in `authorized_keys`. `homelab bootstrap` installs them and no others.
   *
   * @default - whoever has access keeps it
   */
  readonly authorizedKeys?: readonly string[];
  /**
   * The addresses and networks that these keys are accepted from.
   *
   * @default - any that reaches sshd
   */
  readonly from?: readonly string[];
}

/** What a host's Traefik is configured with. */
export interface ProxySettings {
  /**
   * The Docker network that Traefik shares with what it routes to.
   *
   * @default - `proxy`, suffixed with the environment
   */
  readonly network?: string;
  /**
   * The entry point of routes.
   *
   * @default "websecure"
   */
  readonly entryPoint?: string;
  /**
   * The certificate resolver of routes.
   *
   * @default "letsencrypt"
   */
  readonly certResolver?: string;
}

/** A machine that runs services. */
export interface HostProps {
  /** The name, for example `app-01`. */
  readonly name: string;
  /** The address in the LAN, by which other hosts and deployments reach it. */
  readonly lanAddress: string;
  /** How it is reached for deployments. */
  readonly ssh: HostSsh;
  /**
   * The address that the internet reaches it by: an IPv4 address, or a host name that a dynamic DNS client keeps.
   *
   * @default - none, it is reached through an ingress only
   */
  readonly publicAddress?: string;
  /**
   * The IPv6 address that the internet reaches it by.
   *
   * @default - none
   */
  readonly publicAddressV6?: string;
  /**
   * The id of the Cloudflare tunnel whose connector runs on this host.
   *
   * @default - no tunnel ends here
   */
  readonly tunnelId?: string;
  /**
   * Where services keep their data.
   *
   * @default StorageLayout.dockerVolumes()
   */
  readonly storage?: StorageLayout;
  /**
   * The time zone, as in the IANA database.
   *
   * @default "Etc/UTC"
   */
  readonly timeZone?: string;
  /**
   * What its Traefik is configured with.
   *
   * @default - the network `proxy`, the entry point `websecure`, the resolver `letsencrypt`
   */
  readonly proxy?: ProxySettings;
  /**
   * What its firewall lets in, beside what its services publish.
   *
   * @default - it has no firewall of the lab's
   */
  readonly firewall?: FirewallProps;
  /**
   * Who carries out `Backup.nightly()` of what is on it, where no backup agent of the lab does, in words for the next
   * reader: "the hypervisor, the whole machine each night".
   *
   * @default - its backup agent; without one, a service that is to be backed up is refused
   */
  readonly backedUpBy?: string;
}

/** Refuses a machine that can't be deployed to. */
export function checkHost(props: HostProps, subject: string): void {
  const { lanAddress, publicAddress, publicAddressV6, ssh } = props;
  if (isIP(lanAddress) === 0) checkName("hostName", lanAddress, subject, "lanAddress");
  if (publicAddress !== undefined && isIP(publicAddress) !== 4) {
    if (isIP(publicAddress) === 6)
      throw new Error(
        `${subject}: 'publicAddress' is an IPv6 address, pass ${quote(publicAddress)} as 'publicAddressV6'`,
      );
    checkName("hostName", publicAddress, subject, "publicAddress");
  }
  if (publicAddressV6 !== undefined && isIP(publicAddressV6) !== 6) {
    throw new Error(`${subject}: 'publicAddressV6' must be an IPv6 address, got ${quote(publicAddressV6)}`);
  }
  if (!/^[a-z_][a-z0-9_.-]*$/i.test(ssh.user)) {
    throw new Error(`${subject}: 'ssh.user' must be a user name, for example "deploy", got ${quote(ssh.user)}`);
  }
  if (!/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*$/.test(ssh.hostKey)) {
    throw new Error(
      `${subject}: 'ssh.hostKey' must be the host's public key as "ssh-keyscan ${lanAddress}" prints it after the name, for example "ssh-ed25519 AAAA…", got ${quote(ssh.hostKey)}`,
    );
  }
  if (props.proxy?.network !== undefined) checkName("docker", props.proxy.network, subject, "proxy.network");
  if (props.timeZone !== undefined && !/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/.test(props.timeZone)) {
    throw new Error(`${subject}: 'timeZone' must be a name like "Europe/Berlin", got ${quote(props.timeZone)}`);
  }
  if (ssh.uid !== undefined && !(Number.isInteger(ssh.uid) && ssh.uid > 0 && ssh.uid < 65534)) {
    throw new Error(
      `${subject}: 'ssh.uid' must be a whole number from 1 to 65533, for example 870, got ${quote(ssh.uid)}`,
    );
  }
  if (ssh.port !== undefined) checkPort(ssh.port, subject, "ssh.port");
  for (const key of ssh.authorizedKeys ?? []) {
    if (
      !/^(sk-)?(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521))(@openssh\.com)? [A-Za-z0-9+/]+=*( [\w.@ -]*)?$/.test(
        key,
      )
    )
      throw new Error(
        `${subject}: 'ssh.authorizedKeys' must be public keys, for example "ssh-ed25519 AAAA… anna", got ${quote(key)}`,
      );
  }
  if (props.backedUpBy !== undefined) checkReason(props.backedUpBy, `${subject}, backedUpBy`);
  for (const network of ssh.from ?? []) checkNetwork(network, subject, "ssh.from");
}
