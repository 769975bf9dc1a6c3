import { isIP } from "node:net";
import { Network } from "@cdktf/provider-docker/lib/network";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { createHash } from "node:crypto";
import { TerraformStack, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { addEngineProvider } from "./engine-provider";
import { Firewall, type FirewallProps } from "./firewall";
import { HostScript, removal } from "./host-script";
import { Lab } from "./lab";
import { Owner } from "./owner";
import { checkName, checkPort } from "./names";
import { checkNetwork } from "./networks";
import { Places } from "./places";
import { StorageLayout } from "./storage-layout";
import { quote } from "./text";

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
}

/** A machine that runs services, inside the stack that deploys to it. */
export class Host extends Owner {
  /** The name. */
  public readonly hostName: string;
  /** Where services keep their data. */
  public readonly storage: StorageLayout;
  /** The time zone. */
  public readonly timeZone: string;
  /** A short fingerprint of the pinned host key: another one is another machine, with none of our files on it. */
  public readonly incarnation: string;
  /** What Traefik is configured with. */
  public readonly proxy: Required<ProxySettings>;

  /** The folders that are somebody's. */
  public readonly places: Places;

  /** Its firewall, where it has one. */
  public readonly firewall: Firewall | undefined;

  private proxyMembership: Network | undefined;
  private readonly tracked = new Set<string>();

  /** Makes a host in a stack that has no other one. */
  public constructor(
    scope: Construct,
    id: string,
    public readonly props: HostProps,
    options: { readonly register?: boolean } = {},
  ) {
    super(scope, id);
    const subject = `host ${quote(props.name)}`;
    checkName("service", props.name, subject, "name");
    checkHost(props, subject);
    const lab = Lab.of(this);
    this.hostName = props.name;
    this.storage = props.storage ?? StorageLayout.dockerVolumes();
    this.places = new Places(props.name, props.ssh.user);
    this.timeZone = props.timeZone ?? "Etc/UTC";
    this.incarnation = createHash("sha256").update(props.ssh.hostKey).digest("hex").slice(0, 16);
    this.proxy = {
      network: props.proxy?.network ?? lab.physicalName("proxy"),
      entryPoint: props.proxy?.entryPoint ?? "websecure",
      certResolver: props.proxy?.certResolver ?? "letsencrypt",
    };
    if (options.register !== false) lab.register(lab.hosts, "host", props.name, this);
    addEngineProvider(this, props);
    this.node.addValidation({ validate: () => [...lab.findingsThrough(this)] });
    this.firewall = options.register !== false && props.firewall ? new Firewall(this, props.firewall) : undefined;
  }

  /** The network that the proxy shares with what it routes to; defined when the first route asks for it. */
  public joinProxy(): { readonly name: string; readonly network: ITerraformDependable } {
    this.proxyMembership ??= new Network(this, "Proxy", { name: this.proxy.network });
    return { name: this.proxy.network, network: this.proxyMembership };
  }

  /** Takes something that a stack makes on the host, by its name there; the host loses it when the code does. */
  public track(what: string): void {
    this.tracked.add(what);
    if (this.node.tryFindChild("Declared")) return;
    const stack = TerraformStack.of(this).node.id;
    const declared = (): string[] => [...this.tracked].sort();
    new HostScript(this, "Declared", {
      host: this,
      triggers: { declared: () => declared().join(", ") },
      script: () => removal(stack, declared()),
    });
  }

  /** Makes sure that the stack can run scripts over SSH. */
  public requireSsh(): void {
    if (!this.node.tryFindChild("Null")) new NullProvider(this, "Null");
  }
}

function checkHost(props: HostProps, subject: string): void {
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
  for (const network of ssh.from ?? []) checkNetwork(network, subject, "ssh.from");
}
