package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// goJOSE is go-jose.
func goJOSE(ctx context.Context, s settings) (verify, error) {
	var key any = []byte(s.Secret)
	if s.Keys != "" {
		set, err := fetch(ctx, s.Keys)
		if err != nil {
			return nil, err
		}
		key = set
	}
	algorithms := make([]jose.SignatureAlgorithm, 0, len(s.Algorithms))
	for _, a := range s.Algorithms {
		algorithms = append(algorithms, jose.SignatureAlgorithm(a))
	}
	return func(_ context.Context, text string) (string, error) {
		token, err := jwt.ParseSigned(text, algorithms)
		if err != nil {
			return "", err
		}
		var claims jwt.Claims
		if err := token.Claims(key, &claims); err != nil {
			return "", err
		}
		if claims.Expiry == nil {
			return "", errors.New("no expiry")
		}
		if s.Typed {
			if token.Headers[0].ExtraHeaders["typ"] != "at+jwt" {
				return "", errNotAccess
			}
		}
		return claims.Subject, claims.ValidateWithLeeway(jwt.Expected{
			Issuer: s.Issuer, AnyAudience: jwt.Audience{s.Audience}, Time: time.Now(),
		}, time.Minute)
	}, nil
}

func fetch(ctx context.Context, url string) (*jose.JSONWebKeySet, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	set := new(jose.JSONWebKeySet)
	return set, errors.Join(json.NewDecoder(response.Body).Decode(set), response.Body.Close())
}
