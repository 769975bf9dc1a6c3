import { MANIFEST } from "../differences";
import type { Finding } from "../findings";
import type { Manifest } from "../../contract/manifest";
import type { Teller } from "./teller";

type Ssh = NonNullable<Manifest["hosts"][number]["ssh"]>;

/** Machines: which one answers, and who may log in from where. */
export const tellHost: Teller = ({ document, path, before, after }, { labs, lists }) => {
  if (document !== MANIFEST || path[0] !== "hosts") return undefined;
  const [, name = "", field = "", inner = ""] = path;
  const [was, is] = [labs.base, labs.head].map((lab) => lab?.manifest?.hosts.find((host) => host.name === name));
  const subject = `host ${name}`;
  const trust = (severity: Finding["severity"], kind: string, message: string): Finding[] => [
    { concern: "trust", severity, kind, subject, message: `${subject}: ${message}`, host: name },
  ];
  if (!was || !is) {
    const stack = was?.stack ?? is?.stack ?? "";
    if (lists.abandonedStacks.includes(stack)) return [];
    const message = `${subject} is ${is ? "new" : "gone"}`;
    return [{ concern: "other", severity: "note", kind: is ? "host-new" : "host-gone", subject, message, host: name }];
  }
  const sameKey = was.ssh?.hostKey === is.ssh?.hostKey;
  const values = `${JSON.stringify(before ?? null)} → ${JSON.stringify(after ?? null)}`;
  switch (field === "ssh" ? `ssh.${inner}` : field) {
    case "ssh.":
      return trust("danger", "ssh", "how it is reached for deployments is another");
    case "ssh.hostKey":
      return trust(
        "danger",
        "host-key",
        "another key is pinned: either the machine was installed anew, and has none of its data, or somebody else answers",
      );
    case "ssh.user":
      return trust("danger", "ssh-user", `another user deploys, ${values}`);
    case "ssh.authorizedKeys":
      return keys(was.ssh, is.ssh, trust);
    case "ssh.from":
      return sources(was.ssh, is.ssh, trust);
    case "ssh.port":
    case "ssh.uid":
      return trust("warning", `ssh-${inner}`, `another ssh.${inner}, ${values}`);
    case "lanAddress":
      return trust(
        sameKey ? "warning" : "danger",
        "host-address",
        `it is reached at another address, ${values}${sameKey ? "; its pinned key is the same" : ""}`,
      );
    default:
      return undefined;
  }
};

type Told = (severity: Finding["severity"], kind: string, message: string) => Finding[];

/** The keys that `homelab bootstrap` installs: whoever has one is root in effect. */
function keys(was: Ssh | undefined, is: Ssh | undefined, trust: Told): Finding[] {
  const [before, after] = [was?.authorizedKeys, is?.authorizedKeys];
  if (after === undefined) return trust("danger", "keys", "the code no longer says whose keys are let in");
  const known = new Set((before ?? []).map(bare));
  const added = after.filter((key) => !known.has(bare(key)));
  const left = new Set(after.map(bare));
  const gone = (before ?? []).filter((key) => !left.has(bare(key)));
  const names = (list: readonly string[]): string => list.map(shortened).join(", ");
  return [
    ...(added.length > 0 ? trust("danger", "keys", `deploys, and so is root, also with the key ${names(added)}`) : []),
    ...(gone.length > 0 ? trust("warning", "keys", `the key ${names(gone)} is no longer let in`) : []),
    ...(added.length + gone.length === 0
      ? trust("warning", "keys", "its keys are named or ordered in another way")
      : []),
  ];
}

/** A key without the comment that says whose it is. */
function bare(key: string): string {
  return key.split(" ").slice(0, 2).join(" ");
}

function shortened(key: string): string {
  const [type = "", text = "", ...whose] = key.split(" ");
  return [`${type} …${text.slice(-12)}`, ...(whose.length > 0 ? [`(${whose.join(" ")})`] : [])].join(" ");
}

/** Where keys are accepted from. */
function sources(was: Ssh | undefined, is: Ssh | undefined, trust: Told): Finding[] {
  if (is?.from === undefined)
    return trust("danger", "ssh-from", "its keys are accepted from everywhere, and not only from some networks");
  if (was?.from === undefined)
    return trust("warning", "ssh-from", `its keys are accepted from ${is.from.join(", ")} only`);
  const [before, after] = [new Set(was.from), new Set(is.from)];
  const added = is.from.filter((network) => !before.has(network));
  const gone = was.from.filter((network) => !after.has(network));
  return [
    ...(added.length > 0 ? trust("danger", "ssh-from", `its keys are accepted from ${added.join(", ")} as well`) : []),
    ...(gone.length > 0 ? trust("warning", "ssh-from", `its keys are no longer accepted from ${gone.join(", ")}`) : []),
    ...(added.length + gone.length === 0
      ? trust("warning", "ssh-from", "its networks are written in another way")
      : []),
  ];
}
