// Package ext is Traefik's extension point for builds with more options; its module takes a folder of its own for it,
// which no registry has. Without options it is two empty types.
package ext

// HTTP has no further options.
type HTTP struct{}

// Router has no further options.
type Router struct{}
