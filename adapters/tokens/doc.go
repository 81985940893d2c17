// Package tokens signs and reads the service's access and refresh tokens: JSON
// Web Tokens (RFC 7519). Refresh tokens are signed with HMAC-SHA-256; access
// tokens with that or, so that others can verify them, with Ed25519 or RSA
// (RFC 7518, RFC 8037). It also makes the tokens of known devices.
//
// It is as strict as RFC 8725 asks. A token is read only if it has exactly the
// form this package writes: compact serialization in canonical base64url, the
// header members alg, typ and kid and no others, a key of ours and the one
// algorithm of that key, the type of its kind, and JSON without duplicate names.
// The claims are looked at only after the signature held; all of them are
// required.
//
// Whether the claims hold, that is issuer, audience and times, is the domain's
// business: see domain.TokenRules.
package tokens
