// Package oidc is OpenID Connect for a build without it: nobody is registered, and no token is one of Authelia's.
package oidc

import (
	"context"
	"errors"
	"net/url"
	"time"

	oauthelia2 "authelia.com/provider/oauth2"

	"github.com/authelia/authelia/v4/internal/authorization"
	"github.com/authelia/authelia/v4/internal/configuration/schema"
	"github.com/authelia/authelia/v4/internal/storage"
	"github.com/authelia/authelia/v4/internal/templates"
)

var errLeftOut = errors.New("this build has no OpenID Connect")

// ClientConsentMode is how a client of OpenID Connect asks for consent.
type ClientConsentMode string

func (mode ClientConsentMode) String() string { return string(mode) }

// The modes that the validator lists.
const (
	ClientConsentModeImplicit      ClientConsentMode = "implicit"
	ClientConsentModeExplicit      ClientConsentMode = "explicit"
	ClientConsentModePreConfigured ClientConsentMode = "pre-configured"
)

// Client is one that signs people in here.
type Client interface {
	GetID() string
	GetScopes() oauthelia2.Arguments
	GetAudience() oauthelia2.Arguments
	GetAuthorizationPolicyRequiredLevel(subject authorization.Subject) authorization.Level
}

// OpenIDConnectProvider has no client.
type OpenIDConnectProvider struct {
	Strategy struct{ Core userCodes }
}

type userCodes struct{}

// RFC8628UserCodeSignature finds no device.
func (userCodes) RFC8628UserCodeSignature(_ context.Context, _ string) (string, error) {
	return "", errLeftOut
}

// NewOpenIDConnectProvider makes none, as Authelia does where it is not configured.
func NewOpenIDConnectProvider(_ *schema.Configuration, _ storage.Provider, _ *templates.Provider) *OpenIDConnectProvider {
	return nil
}

// GetRegisteredClient finds none.
func (*OpenIDConnectProvider) GetRegisteredClient(_ context.Context, _ string) (Client, error) {
	return nil, errLeftOut
}

// GetAudienceStrategy refuses every token.
func (*OpenIDConnectProvider) GetAudienceStrategy(_ context.Context) oauthelia2.AudienceMatchingStrategy {
	return func(_, _ []string) error { return errLeftOut }
}

// IntrospectToken knows none.
func (*OpenIDConnectProvider) IntrospectToken(_ context.Context, _ string, use oauthelia2.TokenUse, _ oauthelia2.Session, _ ...string) (oauthelia2.TokenUse, oauthelia2.AccessRequester, error) {
	return use, nil, errLeftOut
}

// Session is what is known of a token.
type Session struct {
	DefaultSession    *DefaultSession
	Claims            any
	ClientID          string
	ClientCredentials bool
	Username          string
}

// DefaultSession is the part of it that says how somebody signed in.
type DefaultSession struct {
	Claims struct{ AuthenticationMethodsReferences []string }
}

// NewSession knows nothing.
func NewSession() *Session { return &Session{} }

// IsAccessToken says of no token that it is Authelia's.
func IsAccessToken(_ context.Context, _ string) (bool, error) { return false, nil }

// RFC6750Header is never asked for: no token is looked at.
func RFC6750Header(_, _ string, _ *oauthelia2.RFC6749Error) string { return "" }

// RequestFormRequiresLogin is asked for consent only.
func RequestFormRequiresLogin(_ url.Values, _, _ time.Time) bool { return true }
