import type { Rule } from "./rule";

/** Manifests that can't be held against each other: nobody can say what becomes of data, of access, of anybody. */
export const unseenFindings: Rule = ({ labs: { base, head } }) => {
  if (base === undefined || (base.manifest && head.manifest)) return [];
  return [
    {
      concern: "unseen",
      severity: "danger",
      subject: "the two manifests",
      message:
        "the base and the head were written by different versions of the library, whose manifests can't be compared: what becomes of data, access and secrets is not known",
    },
  ];
};
