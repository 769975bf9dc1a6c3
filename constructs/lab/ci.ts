/** Whether nobody is there to commit what a synthesis adds: `CI` is set, as every CI system sets it. */
export function isContinuousIntegration(): boolean {
  const value = process.env.CI;
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
