// Package authtest starts the whole Auth Service in memory, in one call, for
// tests of services that rely on it:
//
//	auth := authtest.New(t)
//	alice := auth.SignedInUser(t, "alice@example.com")
//	request.Header.Set("Authorization", "Bearer "+alice.AccessToken)
//
// It is the real service: real use cases and the real HTTP side, on in-memory
// stores. The test moves its clock, reads its mailbox, and makes its stores fail.
// Mails are delivered at once, within the request that causes them.
//
// Its access tokens are JWTs (RFC 9068) by an Ed25519 key that each service makes for
// itself and publishes at URL + "/api/auth/.well-known/jwks.json". iss and aud are
// "auth-service"; WithSettings changes them. A service that verifies tokens by itself
// is therefore tested as it runs.
//
// The clock stands still at the time when New was called, so tokens hold by the real
// clock, too. StartAt and WithClock give it another time.
package authtest
