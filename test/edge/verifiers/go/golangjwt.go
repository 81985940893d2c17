package main

import (
	"context"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// golangJWT is golang-jwt, with keyfunc for the key set.
func golangJWT(ctx context.Context, s settings) (verify, error) {
	find := func(*jwt.Token) (any, error) { return []byte(s.Secret), nil }
	if s.Keys != "" {
		set, err := keyfunc.NewDefaultCtx(ctx, []string{s.Keys})
		if err != nil {
			return nil, err
		}
		find = set.Keyfunc
	}
	return func(_ context.Context, text string) (string, error) {
		token, err := jwt.Parse(text, find, jwt.WithValidMethods(s.Algorithms),
			jwt.WithIssuer(s.Issuer), jwt.WithAudience(s.Audience), jwt.WithExpirationRequired())
		if err != nil {
			return "", err
		}
		if s.Typed {
			if token.Header["typ"] != "at+jwt" {
				return "", errNotAccess
			}
		}
		return token.Claims.GetSubject()
	}, nil
}
