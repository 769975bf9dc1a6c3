import { Access, Egress, Hardening, HomelabService, Probe, Route, Size, type Host, type Zone } from "../constructs";

/** Answers with the request it got: proof that a name, a certificate and the sign-on work. */
export function whoami(host: Host, on: { readonly zone: Zone }): HomelabService {
  return new HomelabService(host, "whoami", {
    image: "docker.io/traefik/whoami:v1.10.3", // https://github.com/traefik/whoami/releases
    port: 80, // https://github.com/traefik/whoami#usage
    health: Probe.none("the image is a single binary without a shell"),
    hardening: Hardening.strict(),
    ...(host.firewall && { egress: Egress.none() }), // it only answers
    resources: { memory: Size.mebibytes(32) },
    parts: { web: Route.in(on.zone, { access: Access.oneFactor() }) },
  });
}
