import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { DataOwners, type DataOwner } from "./ledger/data-owners";
import { addEngineProvider } from "./host/engine-provider";
import { Firewall } from "./network/firewall";
import { HostView } from "./host/host-view";
import { perLab } from "./lab/lab";
import type { HostProps } from "./host/machine";
import type { Manifest } from "../contract/manifest";
import { Members } from "./lab/members";

/** A machine that runs services, inside the stack that deploys to it. */
export class Host extends HostView implements DataOwner {
  /** Those of the lab that a construct is in. */
  public static readonly all = perLab(
    () => new Members<Host>("host", { sections: (all) => ({ hosts: all.map((host) => host.facts) }) }),
  );

  /** Its firewall, where it has one. */
  public readonly firewall: Firewall | undefined;

  /** Makes a host in a stack that has no other one. */
  public constructor(scope: Construct, id: string, props: HostProps) {
    super(scope, id, props);
    Host.all(this).add(props.name, this);
    DataOwners.of(this).addHost(props.name, this);
    this.firewall = props.firewall && new Firewall(this, props.firewall);
  }

  /** Lets another stack reach its engine. */
  public addProviderTo(stack: Construct): void {
    addEngineProvider(stack, this.props);
  }

  /** The host as plain data. */
  public get facts(): Manifest["hosts"][number] {
    const { props, storage } = this;
    const place = storage.volume("service", "part");
    return {
      name: this.hostName,
      stack: TerraformStack.of(this).node.id,
      lanAddress: props.lanAddress,
      publicAddress: props.publicAddress ?? props.publicAddressV6,
      storage: storage.description,
      timeZone: this.timeZone,
      ssh: { ...props.ssh, port: props.ssh.port ?? 22 },
      dataFolder: place.kind === "folder" ? place.root : undefined,
      folders: storage.folders,
      firewall: this.firewall?.facts ?? null,
      backedUpBy: props.backedUpBy,
    };
  }
}
