import { MANIFEST } from "../differences";
import type { Manifest } from "../../contract/manifest";
import type { Finding } from "../findings";
import type { Teller } from "./teller";

type Server = Manifest["databaseServers"][number];

/** Database servers: another one has none of the databases. */
export const tellServer: Teller = ({ document, path, before, after }, { labs, lists }) => {
  if (document !== MANIFEST || path[0] !== "databaseServers") return undefined;
  const [, name = "", field = ""] = path;
  const [was, is] = [labs.base, labs.head].map((lab) =>
    lab?.manifest?.databaseServers.find((one) => one.name === name),
  );
  const subject = `database server ${name}`;
  if (!was || !is) {
    if (lists.abandonedStacks.includes(was?.stack ?? is?.stack ?? "")) return [];
    return [
      { concern: "other", severity: "note", kind: "server", subject, message: `${subject} is ${is ? "new" : "gone"}` },
    ];
  }
  const values = `${JSON.stringify(before ?? null)} → ${JSON.stringify(after ?? null)}`;
  const trust = (severity: Finding["severity"], message: string): Finding[] => [
    { concern: "trust", severity, kind: "server", subject, message: `${subject}: ${message}` },
  ];
  switch (field) {
    case "host":
    case "port":
    case "managed":
      // One that the lab runs has its data in a place of its own, which is told; its address is that of the host.
      return was.managed && is.managed ? undefined : elsewhere(was, is, databases(labs.base?.manifest, name));
    case "adminRole":
      return trust("warning", `another role makes databases and roles, ${values}`);
    case "revokesPublicConnect":
      return trust("warning", `roles may${after === true ? " no longer" : ""} connect to postgres and template1`);
    case "through":
      return trust("warning", "a deployment reaches it through another host");
    default:
      return undefined;
  }
};

function elsewhere(was: Server, is: Server, held: readonly string[]): Finding[] {
  const place = ({ managed, host, port }: Server): string => (managed ? "a container of the lab" : `${host}:${port}`);
  const moves = `database server ${is.name} is ${place(is)} in place of ${place(was)}`;
  const names = held.length === 0 ? "" : `: ${held.join(", ")}`;
  const reason = is.relocation === was.relocation ? undefined : is.relocation;
  return [
    {
      concern: reason === undefined ? "starts-empty" : "relocated",
      severity: held.length === 0 ? "note" : "danger",
      ...(reason === undefined && held.length > 0 && { kind: "other-server" }),
      subject: is.name,
      message:
        reason === undefined
          ? `${moves}, where its databases are made anew, empty${names}; if it is the same server, or they were copied, say so in its 'relocation'`
          : `${moves}${names}; ${reason}`,
    },
  ];
}

/** The databases of a server that are in use. */
function databases(manifest: Manifest | undefined, server: string): string[] {
  return Object.values(manifest?.ledger ?? {}).flatMap((entry) =>
    entry.server === server && entry.kind === "database" && !entry.released ? [entry.name] : [],
  );
}
