import type { Teller } from "./teller";

/** Blocks of a stack that the library never writes: each may read or run something where a deployment runs. */
const FOREIGN = ["data", "module", "ephemeral", "check", "provider_meta"];

/** What somebody wrote into a stack past the library. */
export const tellBlock: Teller = ({ stack, path, after }) => {
  const [block = "", name = "", inner = ""] = path;
  if (stack === undefined || !FOREIGN.includes(block) || after === undefined) return undefined;
  const subject = `${block} ${[name, inner].filter((step) => step !== "").join(".")}`;
  return [
    {
      concern: "trust",
      severity: "warning",
      kind: "block",
      subject,
      message: `stack ${stack}: ${subject} is new or another, and is read or run where a deployment runs`,
    },
  ];
};
