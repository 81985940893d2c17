// Package tokens signs and reads the service's access and refresh tokens: JSON
// Web Tokens (RFC 7519). HMAC-SHA-256 signs refresh tokens. It signs access tokens
// too, unless an Ed25519 or RSA key does, so that others can verify them (RFC 7518,
// RFC 8037). golang-jwt signs; adapters/internal/jws is the strict reader. The
// package also publishes the public keys, and makes the tokens of known devices and
// the challenges between two steps of a sign-in.
//
// All claims of a token are required, except amr and auth_time, which access tokens
// of earlier releases lack. domain.TokenRules checks the meaning of claims: issuer,
// audience and times.
package tokens
