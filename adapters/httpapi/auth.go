package httpapi

import (
	"bytes"
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// isToken68 reports whether token has the form of a bearer token (RFC 6750 section 2.1):
// characters of token68, then any number of equals signs.
func isToken68(token []byte) bool {
	token = bytes.TrimRight(token, "=")
	for _, c := range token {
		if !inToken68[c] {
			return false
		}
	}
	return len(token) > 0
}

var inToken68 = func() (characters [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/-") {
		characters[c] = true
	}
	return characters
}()

// bearerToken returns the token of the Authorization header: exactly one header, the
// scheme in any case, one space, one token. An absent header gives an empty
// token. Tokens in the address are ignored (RFC 9700 section 4.3.2).
// Errors: domain.ErrUnauthenticated for any other header.
func (c *call) bearerToken() (domain.Secret, error) {
	headers := c.x.HeaderLines(headerAuthorization)
	if len(headers) == 0 {
		return domain.Secret{}, nil
	}
	c.bearer = true
	scheme, token, found := bytes.Cut(headers[0], []byte(" "))
	if len(headers) > 1 || !found || !bytes.EqualFold(scheme, []byte("Bearer")) || !isToken68(token) {
		return domain.Secret{}, domain.ErrUnauthenticated
	}
	return domain.NewSecret(string(token)), nil
}

// authenticate is the middleware of a protected operation. It runs before the
// body is read, so that a caller without a session, or without the permission,
// learns nothing from how bodies are judged. An empty permission needs a session only.
// The endpoint may also need the further claims or the metadata of the caller.
func (s *Server) authenticate(e endpoint) func(huma.Context, func(huma.Context)) {
	needed := e.operation.Permission
	return func(hctx huma.Context, next func(huma.Context)) {
		c := callOf(hctx.Context())
		token, err := c.bearerToken()
		if err == nil && token.IsEmpty() {
			err = domain.ErrUnauthenticated
		}
		if err != nil {
			s.refuse(c.x, err)
			return
		}
		result, err := s.useCases.Authenticate.Execute(c.Context(), ports.AuthenticateCommand{AccessToken: token, Claims: e.claims, Metadata: e.metadata, Origin: originOf(c.Context())})
		if err == nil && needed != "" {
			err = result.Principal.Allows(needed)
		}
		if err != nil {
			s.refuse(c.x, err)
			return
		}
		c.principal, c.claims, c.metadata, c.signedInFor = result.Principal, result.Claims, result.Metadata, result.SignedInFor
		next(hctx)
	}
}

// optionalPrincipal returns the caller of a public operation that a session may prove. It
// is zero without a token, and with an error if the token is refused. Operations
// decide whether that matters. The user's address need not be confirmed.
func (s *Server) optionalPrincipal(ctx context.Context) (domain.Principal, error) {
	token, err := callOf(ctx).bearerToken()
	if err != nil || token.IsEmpty() {
		return domain.Principal{}, err
	}
	result, err := s.useCases.Authenticate.Execute(ctx, ports.AuthenticateCommand{AccessToken: token, Unconfirmed: true, Origin: originOf(ctx)})
	return result.Principal, err
}
