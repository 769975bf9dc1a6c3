export { planMatchers, type Matched } from "./matchers";
export { offlinePlan, type OfflinePlanOptions, type PlannedLab } from "./offline-plan";
export * from "../plan/findings";
export * from "../plan/model";
