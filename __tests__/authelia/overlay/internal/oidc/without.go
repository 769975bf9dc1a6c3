package oidc

// ClientConsentMode is how a client of OpenID Connect asks for consent.
type ClientConsentMode string

func (mode ClientConsentMode) String() string { return string(mode) }

// The modes that the validator lists.
const (
	ClientConsentModeImplicit      ClientConsentMode = "implicit"
	ClientConsentModeExplicit      ClientConsentMode = "explicit"
	ClientConsentModePreConfigured ClientConsentMode = "pre-configured"
)
