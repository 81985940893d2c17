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
// Its tokens are opaque texts that only the service itself reads. A service that
// checks JWTs by itself needs a real signer: WithTokenSigner(signer) with a signer of
// adapters/tokens, whose public keys the service then publishes.
package authtest
