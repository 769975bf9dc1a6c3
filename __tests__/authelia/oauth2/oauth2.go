// Package oauth2 has as much of Authelia's OpenID Connect provider as a build without it needs.
package oauth2

// RFC6749Error is an error that OpenID Connect tells.
type RFC6749Error struct {
	ErrorField, DescriptionField, HintField, DebugField string
	CodeField                                           int
}
