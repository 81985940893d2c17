package authtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

// newSigner returns a signer with keys that no other service has: an Ed25519 key for
// access tokens, and a secret for the others. Errors: internal ones only.
func newSigner() (*tokens.Signer, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	return tokens.New(tokens.Keys{
		Secret:    domain.NewSecret(rand.Text() + rand.Text()),
		AccessKey: domain.NewSecret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))),
	})
}
