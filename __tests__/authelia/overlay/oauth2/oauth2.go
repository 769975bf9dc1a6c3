// Package oauth2 has as much of Authelia's OpenID Connect provider as a build without it needs: types, and no protocol.
package oauth2

// RFC6749Error is an error that OpenID Connect tells.
type RFC6749Error struct {
	ErrorField, DescriptionField, HintField, DebugField string
	CodeField                                           int
}

// ErrInvalidRequest is an error that OpenID Connect tells.
var ErrInvalidRequest = &RFC6749Error{ErrorField: "invalid_request"}

// ErrorToDebugRFC6749Error says more of an error.
func ErrorToDebugRFC6749Error(err error) error { return err }

// TokenUse is what a token is for.
type TokenUse string

// AccessToken is a token for access.
const AccessToken TokenUse = "access_token"

// Arguments are words of a request.
type Arguments []string

// Has is whether all of these words are among them.
func (arguments Arguments) Has(words ...string) bool {
	known := map[string]bool{}
	for _, word := range arguments {
		known[word] = true
	}
	for _, word := range words {
		if !known[word] {
			return false
		}
	}
	return true
}

// Session is what is known of a token.
type Session interface{}

// Requester asks for a token.
type Requester interface{}

// AccessRequester asks with a token.
type AccessRequester interface {
	GetGrantedAudience() Arguments
	GetSession() Session
}

// AudienceMatchingStrategy compares whom tokens are for.
type AudienceMatchingStrategy func(haystack, needle []string) error

// DeviceAuthorizeStatus is how far the sign-on of a device has come.
type DeviceAuthorizeStatus int

// DeviceAuthorizeStatusNew is its beginning.
const DeviceAuthorizeStatusNew DeviceAuthorizeStatus = 0
