import { FILES } from "../differences";
import type { Finding } from "../findings";
import type { Teller } from "./teller";

/** Files beside the code that commands read: which program is the lab, and who opens the store of secrets. */
export const tellFile: Teller = ({ document, path, before, after }) => {
  if (document !== FILES) return undefined;
  const [file = "", field = "", who = ""] = path;
  const told = (concern: "trust" | "secrets", severity: Finding["severity"], message: string): Finding[] => [
    { concern, severity, kind: "file", subject: file, message },
  ];
  if (field === "recipients") {
    return after === undefined
      ? told("secrets", "note", `${file} is no longer encrypted for ${who}`)
      : told(
          "secrets",
          before === undefined ? "danger" : "warning",
          `${file} is encrypted for ${who} as well, who reads every secret in it`,
        );
  }
  if (field === "encrypted")
    return told("secrets", "danger", `${file} is ${after === true ? "" : "no longer "}encrypted`);
  return told("trust", "warning", `${file}: ${field === "" ? "it" : field} is another`);
};
