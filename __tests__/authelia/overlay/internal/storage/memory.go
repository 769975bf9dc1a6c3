package storage

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/authelia/authelia/v4/internal/configuration/schema"
	"github.com/authelia/authelia/v4/internal/model"
)

var errLeftOut = errors.New("this build keeps nothing of the kind")

// Memory keeps second factors, attempts and bans until the program ends.
type Memory struct {
	mutex       sync.Mutex
	totp        map[string]*model.TOTPConfiguration
	used        map[string]bool
	attempts    []model.AuthenticationAttempt
	bannedUsers []model.BannedUser
	bannedIPs   []model.BannedIP
}

// NewProvider makes one with the second factors of HOMELAB_TOTP: `anna=SECRET,ben=SECRET`, each secret in base 32.
func NewProvider(config *schema.Configuration, _ *x509.CertPool) Provider {
	memory := &Memory{totp: map[string]*model.TOTPConfiguration{}, used: map[string]bool{}}
	for _, given := range strings.FieldsFunc(os.Getenv("HOMELAB_TOTP"), func(r rune) bool { return r == ',' }) {
		user, secret, _ := strings.Cut(given, "=")
		memory.totp[user] = &model.TOTPConfiguration{
			ID: len(memory.totp) + 1, CreatedAt: time.Now(), Username: user, Issuer: config.TOTP.Issuer,
			Algorithm: "SHA1", Digits: 6, Period: 30, Secret: []byte(secret),
		}
	}
	return memory
}

// StartupCheck has nothing to look at.
func (memory *Memory) StartupCheck() error { return nil }

// LoadUserInfo says which factors somebody has.
func (memory *Memory) LoadUserInfo(_ context.Context, username string) (model.UserInfo, error) {
	return model.UserInfo{Method: "totp", HasTOTP: memory.totp[username] != nil}, nil
}

// LoadTOTPConfiguration finds the second factor of somebody.
func (memory *Memory) LoadTOTPConfiguration(_ context.Context, username string) (*model.TOTPConfiguration, error) {
	if found := memory.totp[username]; found != nil {
		known := *found
		return &known, nil
	}
	return nil, ErrNoTOTPConfiguration
}

// UpdateTOTPConfigurationSignIn is told when a factor was used; nobody asks.
func (memory *Memory) UpdateTOTPConfigurationSignIn(_ context.Context, _ int, _ sql.NullTime) error {
	return nil
}

// SaveTOTPHistory remembers a code.
func (memory *Memory) SaveTOTPHistory(_ context.Context, username string, step uint64) error {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	memory.used[fmt.Sprintf("%s %d", username, step)] = true
	return nil
}

// ExistsTOTPHistory is whether a code was used before.
func (memory *Memory) ExistsTOTPHistory(_ context.Context, username string, step uint64) (bool, error) {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	return memory.used[fmt.Sprintf("%s %d", username, step)], nil
}

// AppendAuthenticationLog remembers an attempt.
func (memory *Memory) AppendAuthenticationLog(_ context.Context, attempt model.AuthenticationAttempt) error {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	memory.attempts = append(memory.attempts, attempt)
	return nil
}

// Attempts are all that were made, for the tests.
func (memory *Memory) Attempts() []model.AuthenticationAttempt {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	return append([]model.AuthenticationAttempt{}, memory.attempts...)
}

// LoadRegulationRecordsByUser finds the latest attempts of somebody.
func (memory *Memory) LoadRegulationRecordsByUser(_ context.Context, username string, since time.Time, limit int) ([]model.RegulationRecord, error) {
	return memory.records(since, limit, func(attempt model.AuthenticationAttempt) bool { return attempt.Username == username })
}

// LoadRegulationRecordsByIP finds the latest attempts from somewhere.
func (memory *Memory) LoadRegulationRecordsByIP(_ context.Context, ip model.IP, since time.Time, limit int) ([]model.RegulationRecord, error) {
	return memory.records(since, limit, func(attempt model.AuthenticationAttempt) bool { return attempt.RemoteIP.IP.Equal(ip.IP) })
}

func (memory *Memory) records(since time.Time, limit int, meant func(model.AuthenticationAttempt) bool) ([]model.RegulationRecord, error) {
	attempts, found := memory.Attempts(), []model.RegulationRecord{}
	for i := len(attempts) - 1; i >= 0 && len(found) < limit; i-- {
		if attempt := attempts[i]; attempt.Time.After(since) && meant(attempt) {
			found = append(found, model.RegulationRecord{Time: attempt.Time, Successful: attempt.Successful})
		}
	}
	return found, nil
}

// SaveBannedUser bans somebody.
func (memory *Memory) SaveBannedUser(_ context.Context, ban *model.BannedUser) error {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	memory.bannedUsers = append(memory.bannedUsers, *ban)
	return nil
}

// LoadBannedUser finds the bans of somebody that still hold.
func (memory *Memory) LoadBannedUser(_ context.Context, username string) (found []model.BannedUser, _ error) {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	for _, ban := range memory.bannedUsers {
		if ban.Username == username && ban.Expires.Time.After(time.Now()) {
			found = append(found, ban)
		}
	}
	return found, nil
}

// SaveBannedIP bans an address.
func (memory *Memory) SaveBannedIP(_ context.Context, ban *model.BannedIP) error {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	memory.bannedIPs = append(memory.bannedIPs, *ban)
	return nil
}

// LoadBannedIP finds the bans of an address that still hold.
func (memory *Memory) LoadBannedIP(_ context.Context, ip model.IP) (found []model.BannedIP, _ error) {
	memory.mutex.Lock()
	defer memory.mutex.Unlock()
	for _, ban := range memory.bannedIPs {
		if ban.IP.IP.Equal(ip.IP) && ban.Expires.Time.After(time.Now()) {
			found = append(found, ban)
		}
	}
	return found, nil
}

// SaveIdentityVerification keeps nothing: nobody resets a password here.
func (*Memory) SaveIdentityVerification(_ context.Context, _ model.IdentityVerification) error {
	return errLeftOut
}

// FindIdentityVerification finds none.
func (*Memory) FindIdentityVerification(_ context.Context, _ string) (bool, error) { return false, nil }

// ConsumeIdentityVerification finds none.
func (*Memory) ConsumeIdentityVerification(_ context.Context, _ string, _ model.NullIP) error {
	return errLeftOut
}

// LoadOAuth2ConsentSessionByChallengeID finds none.
func (*Memory) LoadOAuth2ConsentSessionByChallengeID(_ context.Context, _ uuid.UUID) (*model.OAuth2ConsentSession, error) {
	return nil, errLeftOut
}

// LoadOAuth2DeviceCodeSessionByUserCode finds none.
func (*Memory) LoadOAuth2DeviceCodeSessionByUserCode(_ context.Context, _ string) (*model.OAuth2DeviceCodeSession, error) {
	return nil, errLeftOut
}

// LoadCachedData finds none.
func (*Memory) LoadCachedData(_ context.Context, _ string) (*model.CachedData, error) {
	return nil, nil
}

// SaveCachedData keeps none.
func (*Memory) SaveCachedData(_ context.Context, _ model.CachedData) error { return nil }

// DeleteCachedData has none.
func (*Memory) DeleteCachedData(_ context.Context, _ string) error { return nil }
