package main

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/auth0/go-jwt-middleware/v2/jwks"
	"github.com/auth0/go-jwt-middleware/v2/validator"
)

// middleware is auth0/go-jwt-middleware. Each validator has one algorithm.
func middleware(_ context.Context, s settings) (verify, error) {
	find := func(context.Context) (any, error) { return []byte(s.Secret), nil }
	if s.Keys != "" {
		address, err := url.Parse(s.Keys)
		if err != nil {
			return nil, err
		}
		find = jwks.NewCachingProvider(address, time.Minute, jwks.WithCustomJWKSURI(address)).KeyFunc
	}
	if len(s.Algorithms) != 1 {
		return nil, errors.New("a validator has one algorithm")
	}
	v, err := validator.New(find, validator.SignatureAlgorithm(s.Algorithms[0]), s.Issuer, []string{s.Audience})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, text string) (string, error) {
		claims, err := v.ValidateToken(ctx, text)
		if err != nil {
			return "", err
		}
		if s.Typed {
			if err := checkType(text, s.Algorithms); err != nil {
				return "", err
			}
		}
		validated, ok := claims.(*validator.ValidatedClaims)
		if !ok {
			return "", errNotAccess
		}
		return validated.RegisteredClaims.Subject, nil
	}, nil
}
