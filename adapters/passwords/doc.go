// Package passwords hashes and checks passwords, and refuses common ones.
//
// Hasher stores new passwords as
//
//	$as1$<salt>$2a$<cost>$<bcrypt's own salt and hash>
//
// where salt is 16 random bytes in unpadded base64 and bcrypt's input is
// base64(HMAC-SHA-256(key: salt, message: password)). "as1" is the version of this
// format. The HMAC makes every byte of the password count: bcrypt alone stops at 72
// bytes, and repeats its input with a NUL in between, so that "P" and "P\x00P" are
// the same password to it. The salt prevents a lookup of the HMAC in leaked plain
// hashes, and base64 keeps NUL out of bcrypt's input.
//
// Hashes of other software are checked too, and reported as outdated so that a login
// replaces them: bcrypt ($2a$, $2b$, $2y$), argon2id and argon2i in the PHC string
// format, and PBKDF2 as Django, Kratos and passlib write it (see parsePBKDF2). A
// check of a PBKDF2 or argon2 hash takes as long as one of the configured cost,
// unless it alone takes longer: pacer measures it in rounds of bcrypt, and dummies
// add the missing rounds.
//
// bcrypt is the only heavy computation of the service. It runs on a small pool of
// threads of low priority (see pool), so that everything else stays fast
// however many people sign in at once. argon2 is the exception: its lanes are
// goroutines of normal priority, whichever thread starts them. Therefore one such
// hash is checked at a time, within 128 MiB and the memory that the process may use
// beyond 64 MiB. The others wait without a thread of the pool (see turns). Its memory is freed at once, and the first login replaces the hash.
package passwords
