// The version of Traefik that the tests build from; see __tests__/support/traefik-program.ts.
module homelab/traefik

go 1.26.0

require github.com/traefik/traefik/v3 v3.7.9
