package kit

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// VoidTokens removes every unused one-time token of a user whose password changes or
// is dropped. That includes a pending change of address, because an attacker that knew
// the password may have requested it.
func VoidTokens(ctx context.Context, r ports.Repositories, id domain.UserID) error {
	for _, use := range []domain.TokenUse{domain.UseSetPassword, domain.UseConfirmEmail} {
		if err := r.Tokens.DeleteByUser(ctx, use, id); err != nil {
			return err
		}
	}
	return nil
}

// TokenUserAndMetadata does as TokenAndUser does, and loads the user's metadata by the same
// query as the user.
func TokenUserAndMetadata(ctx context.Context, r ports.Repositories, use domain.TokenUse, hash [32]byte) (*domain.Token, *domain.User, *domain.Metadata, error) {
	token, err := r.Tokens.BySecretHash(ctx, use, hash)
	if err != nil {
		return nil, nil, nil, Hide(err, domain.ErrInvalidToken)
	}
	user, metadata, err := r.Users.WithMetadata(ctx, token.UserID())
	if err != nil {
		return nil, nil, nil, Hide(err, domain.ErrInvalidToken)
	}
	return token, user, metadata, nil
}

// TokenAndUser loads a one-time token by the hash of its secret, with its user.
// Errors: domain.ErrInvalidToken.
func TokenAndUser(ctx context.Context, r ports.Repositories, use domain.TokenUse, hash [32]byte) (*domain.Token, *domain.User, error) {
	token, err := r.Tokens.BySecretHash(ctx, use, hash)
	if err != nil {
		return nil, nil, Hide(err, domain.ErrInvalidToken)
	}
	user, err := r.Users.ByID(ctx, token.UserID())
	if err != nil {
		return nil, nil, Hide(err, domain.ErrInvalidToken)
	}
	return token, user, nil
}
