import { ORDER } from "../differences";
import type { Teller } from "./teller";

/** Stacks that are new, gone or not planned, what is written about how they were made, and their order. */
export const tellStack: Teller = ({ document, stack, path, before, after }, { lists, only }) => {
  const note = { concern: "other", severity: "note" } as const;
  if (document === ORDER) {
    const [name = ""] = path;
    if (before === undefined || after === undefined) return [];
    return [
      { ...note, kind: "order", subject: `stack ${name}`, message: `stack ${name} is deployed after other stacks` },
    ];
  }
  if (stack === undefined) return undefined;
  const subject = `stack ${stack}`;
  if (path.length === 0) {
    if (lists.abandonedStacks.includes(stack)) return [];
    return [{ ...note, kind: "stack-new", subject, message: `${subject} is new` }];
  }
  if (only.length > 0 && !only.includes(stack)) {
    return [{ ...note, kind: "not-planned", subject, message: `${subject} changes and was not planned` }];
  }
  if (path[0] !== "//") return undefined;
  return [
    {
      ...note,
      kind: "comment",
      subject,
      message: `what is written in ${subject} about how it was made (${path.slice(1).join(".")}) is another: it changes nothing`,
    },
  ];
};
