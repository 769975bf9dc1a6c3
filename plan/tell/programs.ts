import { sendingScript } from "../../contract/remote-shell";
import { literal } from "../../contract/text";
import type { Finding } from "../findings";
import { elements, resourceOf, type SynthesizedLab } from "../labs";
import type { Teller } from "./teller";

/** Programs that run on the machine that deploys, and what they send to hosts. */
export const tellProgram: Teller = ({ stack, path, after }, { labs, lists }) => {
  const [block, type = "", name = "", attribute] = path;
  if (stack === undefined || block !== "resource") return undefined;
  const address = `${type}.${name}`;
  const isNew = path.length <= 3 && after !== undefined;
  if (attribute !== "provisioner" && attribute !== "connection" && !isNew) return undefined;
  const report = lists.resources.find((one) => one.stack === stack && one.address === address);
  const body = resourceOf(labs.head, stack, address);
  const foreign = elements(body?.provisioner).filter((one) => !isOurs(labs.head, one));
  const told = (severity: Finding["severity"], kind: string, message: string): Finding[] => [
    { concern: "trust", severity, kind, subject: address, message },
  ];
  if (foreign.length > 0 || attribute === "connection") {
    return told(
      "danger",
      "program",
      `${address} of stack ${stack} runs a program of its own on the machine that deploys: look at its provisioner`,
    );
  }
  if (isNew) return undefined;
  if (isOverridden(body)) {
    return told("danger", "program", `${address} of stack ${stack}: what runs on its host is set by an override`);
  }
  // The script is sent because of a trigger, which is told.
  if (report) return [];
  return told(
    "warning",
    "script",
    `the script of ${address} of stack ${stack} is another, and runs only when one of its triggers changes`,
  );
};

/** Whether a provisioner is what the library writes for a host of the inventory: ssh with the pinned key. */
function isOurs({ manifest }: SynthesizedLab, provisioner: Readonly<Record<string, unknown>>): boolean {
  const { "local-exec": program, ...rest } = provisioner;
  if (Object.keys(rest).length > 0) return false;
  const [found] = elements(program);
  if (!found) return false;
  const { command, interpreter, environment: _script, quiet: _quiet, ...more } = found;
  if (Object.keys(more).length > 0) return false;
  return (manifest?.hosts ?? []).some(({ name, lanAddress: address, ssh }) => {
    const { user = "", port = 22, hostKey = "" } = ssh ?? {};
    const words = ["/bin/sh", "-c", literal(sendingScript(name, { user, address, port, hostKey }))];
    return command === `a script on host ${name}` && JSON.stringify(interpreter) === JSON.stringify(words);
  });
}

function isOverridden(body: { readonly "//"?: unknown } | undefined): boolean {
  const { overrides } = (elements(elements(body?.["//"])[0]?.metadata)[0] ?? {}) as { readonly overrides?: unknown };
  return JSON.stringify(overrides ?? null).includes('"provisioner');
}
