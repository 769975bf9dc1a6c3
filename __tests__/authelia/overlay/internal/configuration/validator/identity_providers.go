package validator

import "github.com/authelia/authelia/v4/internal/configuration/schema"

// ValidateIdentityProviders has nothing to look at: the library configures no OpenID Connect.
func ValidateIdentityProviders(_ *ValidateCtx, _ *schema.Configuration, _ *schema.StructValidator) {}
