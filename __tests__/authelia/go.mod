// The version of Authelia that the tests build from; see __tests__/support/authelia-program.ts.
module homelab/authelia

go 1.26.0

require github.com/authelia/authelia/v4 v4.39.20
