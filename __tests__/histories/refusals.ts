/** Refusals that a person can act on; any other one leaves them with no way on. */
const MAY_BE_REFUSED = [
  /moves from .* copy the data, then say how/,
  /is already "/,
  / is that of "[^"]+" in the ledger/,
  /would both have the address/,
  /the container "[^"]+" of host "[^"]+" is also that of/,
  // 'formerly' that can mean two things is asked about.
  /'formerly' says that "[^"]+" was "[^"]+", .*: remove 'formerly'/,
  /as 'formerly' says.*: remove/,
  // A merge, where one side let the server go that the other one began to use, or left data on.
  /the inventory has no database server "/,
  /holds data on database server ".*", which is not in the lab/,
  /is new, and "[^"]+" was left behind under the name before: if it is the same/,
];

/** Whether a person can act on what a synthesis was refused for. */
export function mayBeRefused(message: string): boolean {
  return MAY_BE_REFUSED.some((reason) => reason.test(message));
}
