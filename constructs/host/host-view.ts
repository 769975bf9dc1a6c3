import { Network } from "@cdktf/provider-docker/lib/network";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { createHash } from "node:crypto";
import { TerraformStack, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { DECLARED } from "../../contract/names-on-hosts";
import { addEngineProvider } from "./engine-provider";
import { HostScript, removal, type ScriptHost } from "./host-script";
import { Lab } from "../lab/lab";
import { checkHost, type HostProps, type ProxySettings } from "./machine";
import { checkName } from "../values/names";
import { Owner } from "../lab/owner";
import { Places } from "./places";
import { StorageLayout } from "./storage-layout";
import { quote } from "../../contract/text";

/**
 * A stack's view of a machine: its engine, its shell, and what services need to know of it. The stack of a host has the
 * `Host` itself; the stack of a database server that the lab runs has a view of the machine that it runs on.
 */
export class HostView extends Owner implements ScriptHost {
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

  private proxyMembership: Network | undefined;
  private readonly tracked = new Set<string>();

  /** Makes a view of a machine in a stack that has no other one. */
  public constructor(
    scope: Construct,
    id: string,
    public readonly props: HostProps,
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
    addEngineProvider(this, props);
    this.node.addValidation({ validate: () => [...lab.findingsThrough(this)] });
  }

  /** The network that the proxy shares with what it routes to; defined when the first route asks for it. */
  public joinProxy(): { readonly name: string; readonly network: ITerraformDependable } {
    this.proxyMembership ??= new Network(this, "Proxy", { name: this.proxy.network });
    return { name: this.proxy.network, network: this.proxyMembership };
  }

  /** Takes something that a stack makes on the host, by its name there; the host loses it when the code does. */
  public track(what: string): void {
    this.tracked.add(what);
    if (this.node.tryFindChild(DECLARED.id)) return;
    const stack = TerraformStack.of(this).node.id;
    const declared = (): string[] => [...this.tracked].sort();
    new HostScript(this, DECLARED.id, {
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
