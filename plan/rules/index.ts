import { worstFirst, type Finding } from "../findings";
import { differenceFindings } from "../tell";
import { accessFindings } from "./access";
import { addressFindings } from "./addresses";
import { backupFindings } from "./backups";
import { dataFindings } from "./data";
import { hostFindings } from "./host";
import { peopleFindings } from "./people";
import { privilegeFindings } from "./privileges";
import { publicFindings } from "./public";
import { resourceFindings } from "./resources";
import type { Change, Rule } from "./rule";
import { secretFindings } from "./secrets";
import { serviceFindings } from "./services";
import { unseenFindings } from "./unseen";
import { valueFindings } from "./values";

/** Every rule. Their order is that of findings of one concern. */
const RULES: readonly Rule[] = [
  dataFindings,
  unseenFindings,
  serviceFindings,
  publicFindings,
  accessFindings,
  addressFindings,
  privilegeFindings,
  hostFindings,
  peopleFindings,
  backupFindings,
  valueFindings,
  secretFindings,
  resourceFindings,
  differenceFindings,
];

/** Everything that a change does, the worst first. */
export function findingsOf(change: Change): Finding[] {
  return worstFirst(RULES.flatMap((rule) => rule(change)));
}
