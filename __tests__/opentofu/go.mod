// The version of OpenTofu that the tests build from; see __tests__/support/opentofu-program.ts.
module homelab/opentofu

go 1.26.0

require github.com/opentofu/opentofu v1.12.6
