import type { Difference } from "../differences";
import type { Finding } from "../findings";
import type { Change } from "../rules/rule";

/**
 * Tells a difference. Undefined where it is none of its own; an empty list where a list of the report has told it. The
 * first one that answers has told it, and the last one answers always.
 */
export type Teller = (difference: Difference, change: Change) => readonly Finding[] | undefined;
