package ports

// DataKeys seal what the database must not show, and hash short secrets. The keys come from
// DATA_ENCRYPTION_KEYS; the first seals, and all open.
type DataKeys interface {
	// Available reports whether there is a key.
	Available() bool
	// Seal encrypts plain with the first key. context binds the box to its place, such as a
	// table and a row's id; Open needs the same. Errors: internal ones only, and without a key.
	Seal(plain []byte, context string) (Sealed, error)
	// Open decrypts a box. Errors: internal ones only: an unknown key, another context, a box
	// that was changed.
	Open(box Sealed, context string) ([]byte, error)
	// Hash returns the keyed hash of a short secret by the first key; context is as for Seal.
	// Errors: internal ones only, and without a key.
	Hash(secret string, context string) (KeyedHash, error)
	// Hashes returns the keyed hashes of a short secret by every key, to compare it with what
	// was stored with any of them. Errors: none.
	Hashes(secret string, context string) []KeyedHash
	// Knows reports whether a key is among those given.
	Knows(keyID string) bool
	// Current returns the id of the key that seals. It is empty without a key.
	Current() string
}

// Sealed is an encrypted text, with the id of its key.
type Sealed struct {
	KeyID string
	Box   []byte
}

// KeyedHash is a keyed hash (HMAC-SHA-256), with the id of its key.
type KeyedHash struct {
	KeyID string
	Hash  [32]byte
}
