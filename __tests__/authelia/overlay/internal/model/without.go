package model

import (
	"net/url"
	"time"

	"github.com/google/uuid"
)

// OAuth2ConsentSession is a question for consent; without OpenID Connect nobody asks.
type OAuth2ConsentSession struct {
	ClientID    string
	RequestedAt time.Time
}

// Responded is whether somebody has answered.
func (*OAuth2ConsentSession) Responded() bool { return true }

// GetForm is what was asked.
func (*OAuth2ConsentSession) GetForm() (url.Values, error) { return url.Values{}, nil }

// OAuth2DeviceCodeSession is a device that waits for somebody; without OpenID Connect none does.
type OAuth2DeviceCodeSession struct {
	ID          int
	ClientID    string
	Status      int
	Subject     uuid.NullUUID
	ChallengeID uuid.NullUUID
}
