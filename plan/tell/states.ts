import type { Teller } from "./teller";

/** Where states are kept: in another place there are none, so that everything would be made anew. */
export const tellStates: Teller = ({ stack, path }) => {
  if (stack === undefined || path[0] !== "terraform" || path[1] !== "backend") return undefined;
  const subject = stack;
  // Whether a state is locked or how a server is asked does not change which one it is.
  if (path.length > 3 && /^(use_lockfile|skip_.*|use_path_style|encrypt)$/.test(path[3] ?? "")) {
    return [
      {
        concern: "trust",
        severity: "warning",
        kind: "state-access",
        subject,
        message: `the state of stack ${stack} is kept with another ${path[3] ?? ""}`,
      },
    ];
  }
  return [
    {
      concern: "starts-empty",
      severity: "danger",
      kind: "state",
      subject,
      message: `the state of stack ${stack} is kept in another place, where there is none: everything would be made anew beside what is there, so move it first ("terraform init -migrate-state")`,
    },
  ];
};
