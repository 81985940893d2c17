// Package tokens signs and reads the service's access and refresh tokens: JSON
// Web Tokens (RFC 7519) with HMAC-SHA-256 (RFC 7518 section 3.2).
//
// It is as strict as RFC 8725 asks. A token is read only if it has exactly the
// form this package writes: compact serialization in canonical base64url, the
// header members alg, typ and kid and no others, the one algorithm, the type of
// its kind, a key of ours, and JSON without duplicate names. The claims are
// looked at only after the signature held; all of them are required.
//
// Whether the claims hold, that is issuer, audience and times, is the domain's
// business: see domain.TokenRules.
package tokens
