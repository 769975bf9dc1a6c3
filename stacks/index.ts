export * from "./backend";
export * from "./edge-stack";
export * from "./failure-domain-stack";
export * from "./homelab";
export * from "./host-stack";
export * from "./monitoring-stack";
export * from "./postgres-stack";
export * from "./provider-pins";
