// Package dns has the one provider of DNS challenges that the library configures; not all modules that the others need
// can be had everywhere.
package dns

import (
	"fmt"

	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/providers/dns/cloudflare"
)

// NewDNSChallengeProviderByName makes a provider.
func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	if name == "cloudflare" {
		return cloudflare.NewDNSProvider()
	}
	return nil, fmt.Errorf("unrecognized DNS provider: %s", name)
}
