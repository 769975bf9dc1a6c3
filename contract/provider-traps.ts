/**
 * What the docker provider does not do although it plans it, or does not plan although it is told, read in its source at
 * 3.6.2 and 4.5.0 (https://github.com/kreuzwerker/terraform-provider-docker, `resource_docker_container_funcs.go`). The
 * constructs make up for it, and the plan warns of containers that somebody else wrote.
 */

/** Attributes that it plans as an update in place and never carries out. */
export const NEVER_APPLIED: readonly string[] = ["cpu_period", "cpu_quota", "healthcheck", "init", "mounts", "tmpfs"];

/**
 * Attributes that are optional and computed, or whose removal it suppresses: taking one out of the configuration plans
 * nothing, and the container keeps the old value.
 */
export const KEPT_WHEN_REMOVED: readonly string[] = [
  "command",
  "entrypoint",
  "env",
  "hostname",
  "ipc_mode",
  "log_driver",
  "platform",
  "runtime",
  "security_opts",
  "shm_size",
  "stop_signal",
  "stop_timeout",
  "user",
];
