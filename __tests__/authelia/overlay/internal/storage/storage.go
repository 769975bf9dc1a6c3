// Package storage has what the handlers of this build ask of a database; memory.go answers from memory.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/authelia/authelia/v4/internal/model"
)

// What a database has nothing of.
var (
	ErrNoAuthenticationLogs = errors.New("no matching authentication logs found")
	ErrNoTOTPConfiguration  = errors.New("no TOTP configuration for user")
)

// Provider is as much of Authelia's interface as the handlers of this build call.
type Provider interface {
	model.StartupCheck

	LoadUserInfo(ctx context.Context, username string) (model.UserInfo, error)
	LoadTOTPConfiguration(ctx context.Context, username string) (*model.TOTPConfiguration, error)
	UpdateTOTPConfigurationSignIn(ctx context.Context, id int, lastUsedAt sql.NullTime) error
	SaveTOTPHistory(ctx context.Context, username string, step uint64) error
	ExistsTOTPHistory(ctx context.Context, username string, step uint64) (bool, error)

	SaveIdentityVerification(ctx context.Context, verification model.IdentityVerification) error
	FindIdentityVerification(ctx context.Context, jti string) (bool, error)
	ConsumeIdentityVerification(ctx context.Context, jti string, ip model.NullIP) error

	LoadOAuth2ConsentSessionByChallengeID(ctx context.Context, id uuid.UUID) (*model.OAuth2ConsentSession, error)
	LoadOAuth2DeviceCodeSessionByUserCode(ctx context.Context, signature string) (*model.OAuth2DeviceCodeSession, error)

	RegulatorProvider
	CachedDataProvider
}

// RegulatorProvider is what bans are decided by.
type RegulatorProvider interface {
	AppendAuthenticationLog(ctx context.Context, attempt model.AuthenticationAttempt) error
	LoadRegulationRecordsByUser(ctx context.Context, username string, since time.Time, limit int) ([]model.RegulationRecord, error)
	LoadRegulationRecordsByIP(ctx context.Context, ip model.IP, since time.Time, limit int) ([]model.RegulationRecord, error)
	SaveBannedUser(ctx context.Context, ban *model.BannedUser) error
	LoadBannedUser(ctx context.Context, username string) ([]model.BannedUser, error)
	SaveBannedIP(ctx context.Context, ban *model.BannedIP) error
	LoadBannedIP(ctx context.Context, ip model.IP) ([]model.BannedIP, error)
}

// CachedDataProvider keeps the metadata of WebAuthn.
type CachedDataProvider interface {
	LoadCachedData(ctx context.Context, name string) (*model.CachedData, error)
	SaveCachedData(ctx context.Context, data model.CachedData) error
	DeleteCachedData(ctx context.Context, name string) error
}
