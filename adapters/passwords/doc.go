// Package passwords hashes and checks passwords, and knows the common ones.
//
// Hasher stores new passwords as
//
//	$as1$<salt>$2a$<cost>$<bcrypt's own salt and hash>
//
// where salt is 16 random bytes in unpadded base64 and bcrypt's input is
// base64(HMAC-SHA-256(key: salt, message: password)). The HMAC lets bcrypt see
// every byte of the password: bcrypt alone stops at 72 bytes, and repeats its
// input with a NUL between, so that "P" and "P\x00P" are one password to it. The
// salt makes the HMAC useless to look up in leaked plain hashes, and base64 keeps
// NUL out of bcrypt. "as1" is the version of this format.
//
// Hashes that other software left behind are checked too, and reported as
// outdated so that a login replaces them: bcrypt ($2a$, $2b$, $2y$), argon2id and
// argon2i in the PHC string format, and PBKDF2 as Django, Kratos and passlib write
// it (see parsePBKDF2). A PBKDF2 or argon2 hash takes as long as one of the configured
// cost, unless it alone takes longer: pacer knows what it is worth in rounds of
// bcrypt, and dummies make up the rest.
//
// bcrypt is the one heavy computation of the service. It runs on a small pool of
// threads of the lowest priority (see pool), so that everything else stays
// fast however many people sign in at once. The one exception is argon2: its
// lanes are goroutines of their own, of normal priority, whichever thread asks for
// them. So one such hash is checked at a time, within 128 MiB and what the process
// may use beyond 64 MiB; its memory is given back at once, and the first login
// replaces it.
package passwords
