import { Construct } from "constructs";
import { FIREWALL_STATE } from "../../contract/names-on-hosts";
import { Duration } from "../values/duration";
import type { FirewallOpening, FirewallProps } from "../host/firewall-props";
import type { HostView } from "../host/host-view";
import { HostDirectory } from "../host/host-directory";
import { HostScript } from "../host/host-script";
import { checkPort } from "../values/names";
import { checkNetwork, checkProtocol, CONTAINERS, isNetwork, LAN } from "../../contract/networks";
import type { FirewallFacts, OpenPort } from "../../contract/host-facts";
import { nftRules, TABLE, type RestrictedEgress } from "../host/nft-rules";
import type { IWorkload, ServiceCommons } from "../part/service-commons";
import { quote, shellWord } from "../../contract/text";
import { Workloads } from "../part/workloads";

const DIRECTORY = "/etc/homelab/firewall";
const STATE = FIREWALL_STATE;
const UNIT = "homelab-firewall.service";

/**
 * The firewall of a host: what is published, and to whom, computed from all services on it. New rules are tried in a
 * network namespace of their own, then loaded; unless the deployer reaches the host over a new connection in time, the
 * ones from before come back.
 */
export class Firewall extends Construct {
  /** Defines the firewall; its rules are collected when everything is declared. */
  public constructor(
    private readonly host: HostView,
    private readonly props: FirewallProps,
  ) {
    super(host, "Firewall");
    const subject = `host ${quote(host.hostName)}`;
    for (const [option, networks] of Object.entries({
      "firewall.ssh": props.ssh,
      "firewall.lan": props.lan ?? [],
      "firewall.open.from": (props.open ?? []).flatMap(({ from }) => (typeof from === "object" ? from : [])),
    })) {
      for (const network of networks) checkNetwork(network, subject, option);
    }
    if (props.ssh.length === 0)
      throw new Error(`${subject}: 'firewall.ssh' must name the deployer's network, or nobody could deploy again`);
    for (const { port, protocol = "tcp" } of props.open ?? []) {
      checkPort(port, subject, "firewall.open.port");
      checkProtocol(protocol, subject, "firewall.open.protocol");
    }

    host.places.forFiles(subject, "the firewall's rules", DIRECTORY);
    const rules = (): string => this.rules();
    const directory = new HostDirectory(this, "Rules", { host, path: DIRECTORY, confirmation: CONFIRM });
    const file = { owner: "0:0", mode: "0644" };
    directory.addFile("rules", subject, {
      ...file,
      name: "rules.nft",
      content: rules,
      check: this.check(),
      reload: this.load(),
    });
    directory.addFile("rollback", subject, { ...file, name: "rollback.sh", content: [ROLLBACK] });
    new HostScript(this, "Unit", {
      host,
      triggers: { unit: UNIT_FILE },
      dependsOn: [directory],
      script: INSTALL_UNIT,
      whenRemoved: {
        what: UNIT,
        script: [
          `[ ! -d /run/systemd/system ] || systemctl disable ${UNIT}`,
          `rm -f /etc/systemd/system/${UNIT}`,
          `nft delete table inet ${TABLE} 2>/dev/null || true`,
        ].join("\n"),
      },
    });
  }

  /** The rules as they are written, for tests and whoever wants to look. */
  public rules(): string {
    const { host, facts } = this;
    const services = new Set(this.workloads.map(({ service }) => service));
    const sshPort = host.props.ssh.port ?? 22;
    return nftRules({ ...facts, host: host.hostName, sshPort, egress: [...services].flatMap(restricted) });
  }

  /** What it lets in, as plain data. */
  public get facts(): FirewallFacts {
    const { ssh, lan, open = [] } = this.props;
    return {
      ssh,
      lan: lan ?? LAN.filter((network) => !/^(127\.|::1)/.test(network)),
      ports: [...this.workloads.flatMap((workload) => this.portsOf(workload)), ...open.map(opening)],
    };
  }

  private get workloads(): readonly IWorkload[] {
    return Workloads.of(this).on(this.host.hostName);
  }

  private portsOf(workload: IWorkload): OpenPort[] {
    const { lanAddress } = this.host.props;
    const by = workload.containerName;
    if (workload.onHostNetwork) {
      if (workload.port === undefined) return [];
      const own = { port: workload.port, protocol: "tcp" as const, address: undefined, onHost: true, by };
      // The proxy of the host asks from its own network.
      return [
        { ...own, from: "lan" },
        { ...own, from: CONTAINERS },
      ];
    }
    const published = workload.publishedPorts.filter(({ ip }) => !/^127\.|^::1$/.test(ip));
    for (const { ip, external } of published) {
      if (!isNetwork(ip))
        throw new Error(
          `${workload.subject}: port ${external} is published on ${quote(ip)}, which no firewall can hold: make 'lanAddress' of host ${quote(this.host.hostName)} an IP address without a zone`,
        );
    }
    return published.map(({ ip, external, protocol, from }) => ({
      port: external,
      protocol,
      address: /^(0\.0\.0\.0|::)$/.test(ip) ? undefined : ip,
      from: from ?? (ip === lanAddress ? "lan" : "everywhere"),
      onHost: false,
      by,
    }));
  }

  /** Loads the new rules into a network namespace of their own, and asks them whether this very connection would pass. */
  private check(): string {
    const refused = `'firewall.ssh' of host ${quote(this.host.hostName)} does not let in the address that this deployment comes from, add its network:`;
    return [
      'deployer="${SSH_CONNECTION:-}"; deployer="${deployer%% *}"',
      'case "$deployer" in *:*) family=ip6 ;; *) family=ip ;; esac',
      'unshare --net nft -f "$new/rules.nft" || { echo "nft refuses the new rules; the old ones stay" >&2; exit 1; }',
      `try='nft -f "$1" && nft get element inet ${TABLE} "ssh_$2" "{ $3 }"'`,
      '[ -z "$deployer" ] || unshare --net sh -c "$try" - "$new/rules.nft" "$family" "$deployer" >/dev/null 2>&1 ||',
      `  { echo ${shellWord(refused)} "$deployer" >&2; exit 1; }`,
      "true",
    ].join("\n");
  }

  private load(): string {
    const seconds = (this.props.confirmWithin ?? Duration.seconds(60)).toSeconds();
    return [
      `(walk ${STATE} make && chmod 700 .)`,
      `nft list table inet ${TABLE} > ${STATE}/before 2>/dev/null || : > ${STATE}/before`,
      `echo "$$ $(date +%s)" > ${STATE}/pending`,
      `setsid sh -c 'token="$(cat ${STATE}/pending)"; sleep ${seconds}; [ "$token" != "$(cat ${STATE}/pending 2>/dev/null)" ] || sh ${DIRECTORY}/rollback.sh' </dev/null >/dev/null 2>&1 &`,
      `nft -f ${DIRECTORY}/rules.nft`,
    ].join("\n");
  }
}

/** Puts back the rules from before, in the kernel and on the disk. */
const ROLLBACK = `#!/bin/sh
# Puts back the rules from before the last deployment, which nobody confirmed.
rm -f ${STATE}/pending
nft delete table inet ${TABLE} 2>/dev/null
[ ! -s ${STATE}/before ] || nft -f ${STATE}/before
if [ -f /etc/homelab/.firewall.previous/rules.nft ]; then
  mv -f /etc/homelab/.firewall.previous/rules.nft ${DIRECTORY}/rules.nft
else
  rm -f ${DIRECTORY}/rules.nft
fi
`;

/** Runs over a connection of its own: that it runs at all proves that the deployer still gets in. */
const CONFIRM = `rm ${STATE}/pending || { echo "the new rules were taken back: nobody confirmed them in time" >&2; exit 1; }`;

/** Before the network is up, and after whatever else loads rules: Debian's own unit flushes all of them. */
const UNIT_FILE = `[Unit]
Description=Firewall of the lab
DefaultDependencies=no
After=local-fs.target nftables.service
Before=network-pre.target docker.service shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStartPre=/bin/sh -c '[ ! -e ${STATE}/pending ] || sh ${DIRECTORY}/rollback.sh'
ExecStart=/bin/sh -c '[ ! -e ${DIRECTORY}/rules.nft ] || /usr/sbin/nft -f ${DIRECTORY}/rules.nft'

[Install]
WantedBy=sysinit.target
`;

const INSTALL_UNIT = [
  "walk /etc/systemd/system make",
  `place ${UNIT} 644 ${shellWord(UNIT_FILE)}`,
  `[ ! -d /run/systemd/system ] || { systemctl daemon-reload && systemctl enable ${UNIT}; }`,
].join("\n");

function opening({ port, protocol = "tcp", from = "lan", reason }: FirewallOpening): OpenPort {
  return { port, protocol, address: undefined, from, onHost: true, by: reason.replace(/[^\w .,:-]/g, "") };
}

function restricted({ name, egress, network, targets }: ServiceCommons): RestrictedEgress[] {
  if (!egress) return [];
  const { toLan, resolvesNames } = egress;
  return [{ service: name, bridge: network.bridge ?? "", toLan, resolvesNames, targets }];
}
