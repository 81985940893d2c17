// Package jws reads compact JSON Web Signatures (RFC 7515 section 7.1): the
// tokens of this service. It is the one reader of them, and it needs the standard
// library alone.
//
// It is as strict as RFC 8725 asks. It reads a token only if the token has exactly
// the form that this service writes:
//   - at most MaxTokenSize bytes, checked before anything is parsed;
//   - three segments of canonical base64url;
//   - a header with the members alg, kid and typ and no others. So a member that
//     brings a key (jwk, x5c), points to one (jku, x5u) or asks for an extension
//     (crit) makes a token unreadable;
//   - kid names a key that the caller gave, alg is the one algorithm of that key,
//     and typ is the type that the caller asks for;
//   - the key verifies the signature;
//   - the claims are one JSON object without duplicate names.
//
// Claims are parsed only after the signature was verified. ReadAccess and ReadRefresh
// read the claims of this service's two tokens in their exact form; domain.TokenRules
// checks what they mean.
//
// ParseKeySet reads the public keys that the service publishes, as strictly.
package jws
