import { checkName } from "../values/names";

/**
 * Whether `formerly` names a whole key of the ledger, `service/part`: what a part has came from another container or
 * another service. A key without a slash is that of a part beside it.
 */
export function isWholeKey(formerly: string): boolean {
  return formerly.includes("/");
}

/** Refuses what is neither a part's key nor a whole key. */
export function checkFormerly(formerly: string, subject: string): void {
  const steps = formerly.split("/");
  const service = isWholeKey(formerly) ? steps.shift() : undefined;
  if (service !== undefined) checkName("service", service, subject, "formerly");
  for (const step of steps) checkName("partKey", step, subject, "formerly");
}
