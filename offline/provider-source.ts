/** Where a provider comes from that a stack names without a host: Terraform's registry, or OpenTofu's. */
export const REGISTRIES = ["registry.terraform.io", "registry.opentofu.org"] as const;

/** A provider's source as `namespace/name`, whichever of the registries it names; others keep their host. */
export function shortSource(source: string): string {
  const [host, ...rest] = source.split("/");
  const named = REGISTRIES.some((registry) => registry === host) ? rest.join("/") : source;
  return named.includes("/") ? named : `hashicorp/${named}`;
}
