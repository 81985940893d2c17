package main

import (
	"context"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// jwx is lestrrat-go/jwx. It takes the algorithm from each key of the set, so that it
// needs no list.
func jwx(ctx context.Context, s settings) (verify, error) {
	var key jwt.ParseOption = jwt.WithKey(jwa.HS256(), []byte(s.Secret))
	if s.Keys != "" {
		set, err := jwk.Fetch(ctx, s.Keys)
		if err != nil {
			return nil, err
		}
		key = jwt.WithKeySet(set)
	}
	return func(_ context.Context, text string) (string, error) {
		token, err := jwt.Parse([]byte(text), key, jwt.WithIssuer(s.Issuer), jwt.WithAudience(s.Audience), jwt.WithRequiredClaim("exp"))
		if err != nil {
			return "", err
		}
		if s.Typed {
			message, err := jws.Parse([]byte(text))
			if err != nil {
				return "", err
			}
			if typ, _ := message.Signatures()[0].ProtectedHeaders().Type(); typ != "at+jwt" {
				return "", errNotAccess
			}
		}
		subject, _ := token.Subject()
		return subject, nil
	}, nil
}
