// Package verify checks access tokens of Auth Service in other Go services. It needs the
// standard library and domain only.
//
//	auth := verify.New("https://auth.example.com", "auth-service", "auth-service")
//	http.ListenAndServe(":8080", auth.Middleware(handler))
//
// The handler reads who sent the request:
//
//	claims, _ := verify.Claims(r.Context())
//	if err := claims.Require(domain.RoleAdmin); err != nil { … }
//
// A Verifier of New checks tokens offline, by the public keys that the service publishes.
// The service must therefore sign with an asymmetric key (JWT_ACCESS_KEY). Offline checks
// do not see what happens after a token was issued: a logout, an ended session, a disabled
// user or another role counts when the token expires, 30 minutes after it was issued by
// default.
//
// A Verifier of Online asks the service about each token instead, so that a logout counts
// at once. It needs no asymmetric key.
//
// A token is accepted only in the exact form that the service gives it (RFC 8725): one of
// the published keys signed it by the one algorithm of that key, its type is at+jwt (RFC
// 9068), issuer and audience are equal, and it is neither expired nor from the future.
package verify
