// Package datakeys seals what the database must not show, and hashes short secrets. It
// implements ports.DataKeys with the standard library only.
//
// Stored rows have this format, so a change of it needs a new version beside the old one. A
// data key is 32 random bytes; + joins bytes, and 0 is one zero byte.
//
//	key id       the first 8 bytes, as 16 lower-case hex digits, of
//	             SHA-256("auth-service: id of a data key, version 1" + 0 + key)
//	sealing key  HKDF-SHA-256 (RFC 5869) of the key, 32 bytes, without a salt, with the info
//	             "auth-service: key that seals data, version 1"
//	hashing key  the same with the info "auth-service: key that hashes short secrets, version 1"
//	box          nonce + ciphertext + tag: AES-256-GCM (NIST SP 800-38D) with a random nonce of
//	             12 bytes and a tag of 16 bytes. The additional data is key id + 0 + context.
//	hash         HMAC-SHA-256 (RFC 2104) of context + 0 + secret
//
// A random nonce allows 2^32 boxes for each key (NIST SP 800-38D section 8.3). The service
// seals a few for each user.
package datakeys
