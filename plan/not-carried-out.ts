import { NEVER_APPLIED } from "../contract/provider-traps";
import type { PlannedResource } from "../offline/stack-plan";

/** Resources whose removal leaves the thing as it is: their `Delete` does nothing (Cloudflare 5.14). */
const NEVER_DELETED = ["cloudflare_zero_trust_tunnel_cloudflared_config", "cloudflare_zone_setting"];

/** What the provider would plan and not do, in one sentence, or undefined. */
export function notCarriedOut({ type, address, stack, action, changed }: PlannedResource): string | undefined {
  if (type === "docker_container" && action === "update") {
    const forgotten = changed.filter((name) => NEVER_APPLIED.includes(name));
    if (forgotten.length > 0) {
      return `${address} of ${stack}: the docker provider plans a change of ${forgotten.join(", ")} in place and never carries it out; replace the container, for example with "terraform apply -replace=${address}"`;
    }
  }
  if (NEVER_DELETED.includes(type) && (action === "delete" || action === "replace")) {
    return `${address} of ${stack}: the provider only forgets it, what it set at Cloudflare stays as it is`;
  }
  if (
    (type === "postgresql_database" || type === "postgresql_role") &&
    action === "update" &&
    changed.includes("name")
  ) {
    return `${address} of ${stack}: renaming fails half way while an application is connected; keep the name, or stop the application first`;
  }
  if (type === "cloudflare_dns_record" && action === "update" && changed.includes("settings")) {
    return `${address} of ${stack}: settings that are taken out of the code stay as they are at Cloudflare`;
  }
  return undefined;
}
