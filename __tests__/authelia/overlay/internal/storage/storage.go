// Package storage has what a check of a configuration compiles with: it opens no database.
package storage

import (
	"context"

	"github.com/authelia/authelia/v4/internal/model"
)

// CachedDataProvider keeps the metadata of WebAuthn.
type CachedDataProvider interface {
	LoadCachedData(ctx context.Context, name string) (*model.CachedData, error)
	SaveCachedData(ctx context.Context, data model.CachedData) error
	DeleteCachedData(ctx context.Context, name string) error
}
