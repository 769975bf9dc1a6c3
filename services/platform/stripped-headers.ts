/**
 * Headers that no request brings in, whoever sends it. A proxy in front hands on what a client wrote into them, so that
 * trusting it for the client's address must not mean trusting these. What is right is set again behind the entry point.
 *
 * Traefik removes those with an underscore itself (`underscoreHeadersStrategy`): many programs take `Remote_User` for
 * `Remote-User`.
 */
export const STRIPPED_HEADERS: readonly string[] = [
  // What is asked for: the sign-on decides by these, and is given the request's own where they are missing.
  ...["X-Forwarded-Host", "X-Forwarded-Method", "X-Forwarded-Prefix", "X-Forwarded-Uri"],
  // What some frameworks serve in place of the path that the sign-on was asked about.
  ...["X-Original-Url", "X-Original-Uri", "X-Original-Host", "X-Original-Method", "X-Rewrite-Url", "Forwarded"],
  // Who asks, as a proxy says it. Authelia's own come first; the sign-on sets them again.
  ...["Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name"],
  ...["X-Remote-User", "X-Remote-Group", "X-Remote-Groups", "X-Remote-Email", "X-Remote-Name", "X-Remote-Role"],
  // oauth2-proxy: https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview
  ...["User", "Groups", "Email", "Preferred-Username", "Access-Token"].flatMap((name) => [
    `X-Forwarded-${name}`,
    `X-Auth-Request-${name}`,
  ]),
  // Grafana, Forgejo and Gitea: reverse proxy authentication
  ...["User", "Name", "Fullname", "Email", "Groups", "Role"].map((name) => `X-Webauth-${name}`),
  // authentik: https://docs.goauthentik.io/add-secure-apps/providers/proxy/
  ...["Username", "Groups", "Entitlements", "Email", "Name", "Uid", "Jwt"].map((name) => `X-Authentik-${name}`),
  // caddy-security
  ...["Subject", "User-Name", "User-Email", "User-Roles"].map((name) => `X-Token-${name}`),
  // Vouch, Pomerium, Tailscale's serve, Cloudflare Access
  ...["X-Vouch-User", "X-Pomerium-Claim-Email", "X-Pomerium-Claim-User", "X-Pomerium-Claim-Groups"],
  ...["Tailscale-User-Login", "Tailscale-User-Name", "Tailscale-User-Profile-Pic"],
  "Cf-Access-Authenticated-User-Email",
  // Without a vendor
  ...["X-Authenticated-User", "X-Authenticated-Groups", "X-Authenticated-Email", "X-Authenticated-Userid"],
  // A client's certificate that a proxy looked at
  ...["X-Forwarded-Tls-Client-Cert", "X-Forwarded-Tls-Client-Cert-Info", "X-Forwarded-Client-Cert"],
  ...["X-Ssl-Client-Cert", "X-Ssl-Client-Dn", "X-Ssl-Client-S-Dn", "X-Ssl-Client-S-Dn-Cn", "X-Ssl-Client-Verify"],
  ...["Ssl-Client-Cert", "Ssl-Client-Verify", "Ssl-Client-S-Dn"],
];
