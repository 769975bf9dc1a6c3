import { dockerHost, pinnedKeyOptions } from "../../contract/ssh-options";
import type { Manifest } from "../../contract/manifest";
import { shortSource } from "../../offline/provider-source";
import { recordedVersions } from "../../offline/providers";
import type { Finding } from "../findings";
import type { ComparedLabs, SynthesizedLab } from "../labs";
import type { Teller } from "./teller";

/** With which programs, and to where, a stack is deployed. */
export const tellProvider: Teller = ({ stack, path, before, after }, { labs, lists }) => {
  if (stack === undefined) return undefined;
  const [block, name = "", attribute = ""] =
    path[0] === "provider" ? [path[0], path[1], path[3]] : [path[1], path[2], path[3]];
  if (block !== "provider" && !(path[0] === "terraform" && block === "required_providers")) return undefined;
  const told = (severity: Finding["severity"], what: string, kind = "provider"): Finding[] => [
    {
      concern: "trust",
      severity,
      kind,
      subject: `provider ${name} of ${stack}`,
      message: `provider ${name} of stack ${stack}: ${what}`,
    },
  ];
  const note = (what: string): Finding[] => [
    {
      concern: "other",
      severity: "note",
      kind: "provider",
      subject: name,
      message: `provider ${name} of stack ${stack}: ${what}`,
    },
  ];
  if (before === undefined && path.length <= 3) {
    // A stack gets a provider of the library with the first thing that needs it.
    const isNeeded = lists.resources.some((one) => one.stack === stack && one.kind === "created");
    return isOurs(labs.head, stack, name) && isNeeded
      ? []
      : told("warning", "is new, and runs on the machine that deploys");
  }
  if (after === undefined && path.length <= 3) return note("is no longer needed");
  if (block === "required_providers") {
    if (attribute !== "version")
      return told("danger", `comes from ${JSON.stringify(after)} in place of ${JSON.stringify(before)}`);
    return note(`version ${String(before)} → ${String(after)}`);
  }
  if (name === "docker")
    return isExplained(labs, stack)
      ? []
      : told("danger", `deploys to another place, or with another key, than the inventory says (${attribute})`);
  if (name === "postgresql") return postgres(attribute, told, before, after, labs, stack);
  if (name === "cloudflare" || /token|password|key|user/.test(attribute))
    return told("warning", `deploys with another ${attribute}`);
  return told("warning", `${attribute || "its configuration"} is another`);
};

/** Whether a provider is one of those that the library brings. */
function isOurs({ stacks }: SynthesizedLab, stack: string, name: string): boolean {
  const { source = "" } =
    stacks.find((one) => one.name === stack)?.document.terraform?.required_providers?.[name] ?? {};
  return recordedVersions(shortSource(source)).length > 0;
}

/** Whether the docker provider leads, before and after, to a host as the inventory has it: then the host is told. */
function isExplained({ base, head }: ComparedLabs, stack: string): boolean {
  const [was, is] = [hostOf(base, stack), hostOf(head, stack)];
  return was !== undefined && was === is;
}

/** The host of the inventory that the docker provider of a stack leads to, pinned key and all. */
function hostOf(lab: SynthesizedLab | undefined, stack: string): string | undefined {
  const document = lab?.stacks.find(({ name }) => name === stack)?.document as
    { readonly provider?: { readonly docker?: readonly unknown[] } } | undefined;
  const written = JSON.stringify(document?.provider?.docker);
  return lab?.manifest?.hosts.find((host) => JSON.stringify(providerOf(host)) === written)?.name;
}

function providerOf({ lanAddress: address, ssh }: Manifest["hosts"][number]): unknown[] {
  const { user = "", port = 22, hostKey = "" } = ssh ?? {};
  return [{ host: dockerHost({ user, address, port }), ssh_opts: pinnedKeyOptions({ address, port, hostKey }) }];
}

type Told = (severity: Finding["severity"], what: string, kind?: string) => Finding[];

/** How a database server is reached; where it is its own teller tells from the inventory. */
function postgres(
  attribute: string,
  told: Told,
  before: unknown,
  after: unknown,
  { base, head }: ComparedLabs,
  stack: string,
): Finding[] {
  switch (attribute) {
    case "host":
    case "port": {
      const [was, is] = [base, head].map((lab) => {
        const server = lab?.manifest?.databaseServers.find((one) => one.stack === stack);
        return JSON.stringify([server?.host, server?.port, server?.through]);
      });
      if (was !== is) return [];
      return [
        {
          concern: "starts-empty",
          severity: "danger",
          kind: "other-server",
          subject: stack,
          message: `provider postgresql of stack ${stack} leads to another ${attribute} than the inventory says, where the databases are made anew, empty`,
        },
      ];
    }
    case "sslmode": {
      const weaker = STRENGTH.indexOf(String(after)) < STRENGTH.indexOf(String(before));
      return told(weaker ? "danger" : "warning", `sslmode ${String(before)} → ${String(after)}`);
    }
    case "username":
      return told("warning", `role ${String(before)} → ${String(after)}`);
    default:
      return told("warning", `another ${attribute}`);
  }
}

const STRENGTH = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
