import { worstFirst, type Finding } from "../findings";
import { accessFindings } from "./access";
import { addressFindings } from "./addresses";
import { dataFindings } from "./data";
import { privilegeFindings } from "./privileges";
import { resourceFindings } from "./resources";
import type { Change, Rule } from "./rule";
import { secretFindings } from "./secrets";
import { serviceFindings } from "./services";
import { unseenFindings } from "./unseen";

/** Every rule. Their order is that of findings of one concern. */
const RULES: readonly Rule[] = [
  dataFindings,
  unseenFindings,
  serviceFindings,
  accessFindings,
  addressFindings,
  privilegeFindings,
  secretFindings,
  resourceFindings,
];

/** Everything that a change does, the worst first. */
export function findingsOf(change: Change): Finding[] {
  return worstFirst(RULES.flatMap((rule) => rule(change)));
}
