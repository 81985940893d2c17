package main

import (
	"context"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// goOIDC is go-oidc, whose verifier of ID tokens many programs use for access tokens.
// It shows no header, so that go-jose reads the type.
func goOIDC(ctx context.Context, s settings) (verify, error) {
	set := oidc.NewRemoteKeySet(ctx, s.Keys)
	verifier := oidc.NewVerifier(s.Issuer, set, &oidc.Config{ClientID: s.Audience, SupportedSigningAlgs: s.Algorithms})
	return func(ctx context.Context, text string) (string, error) {
		token, err := verifier.Verify(ctx, text)
		if err != nil {
			return "", err
		}
		if s.Typed {
			if err := checkType(text, s.Algorithms); err != nil {
				return "", err
			}
		}
		return token.Subject, nil
	}, nil
}

// checkType reads the header of a token that was verified before.
func checkType(text string, algorithms []string) error {
	allowed := make([]jose.SignatureAlgorithm, 0, len(algorithms))
	for _, a := range algorithms {
		allowed = append(allowed, jose.SignatureAlgorithm(a))
	}
	parsed, err := jose.ParseSignedCompact(text, allowed)
	if err != nil {
		return err
	}
	if parsed.Signatures[0].Header.ExtraHeaders["typ"] != "at+jwt" {
		return errNotAccess
	}
	return nil
}
