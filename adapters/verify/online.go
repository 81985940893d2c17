package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

const (
	forwardAuthPath = "/api/auth/forward-auth"
	// maxRefusalSize is how much of the service's refusal is read, in bytes.
	maxRefusalSize = 16 << 10
)

// online asks the service about a token. It asks nothing about a text that cannot be an
// access token.
func (v *Verifier) online(ctx context.Context, token string) (domain.AccessClaims, error) {
	if _, err := jws.KeyID(jws.TypeAccess, token); err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	header, err := v.ask(ctx, "Bearer "+token)
	if err != nil {
		return domain.AccessClaims{}, err
	}
	return acceptedClaims(token, header)
}

// isAnswered returns nil if the service answers at the base address: it asks for a token.
func (v *Verifier) isAnswered(ctx context.Context) error {
	_, err := v.ask(ctx, "")
	if err == nil || errors.Is(err, domain.ErrUnauthenticated) {
		return nil
	}
	return err
}

// ask sends the service a value of Authorization and returns the header of its yes.
// Errors: its refusal, or domain.ErrUnavailable.
func (v *Verifier) ask(ctx context.Context, authorization string) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+forwardAuthPath, http.NoBody)
	if err != nil {
		return nil, unavailable(fmt.Errorf("verify: %w", err))
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return nil, unavailable(fmt.Errorf("verify: asking the service: %w", err))
	}
	defer answer.Body.Close() //nolint:errcheck // everything of use has been read
	if answer.StatusCode != http.StatusNoContent {
		return nil, refusalIn(answer)
	}
	return answer.Header, nil
}

// acceptedClaims reads the claims of a token that the service has accepted. The headers of
// its answer must name the same user and session, and they name the present role.
func acceptedClaims(token string, header http.Header) (domain.AccessClaims, error) {
	claims, err := jws.ReadAcceptedAccess(token)
	if err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	if header.Get("X-Auth-User-Id") != claims.Subject.String() || header.Get("X-Auth-Session-Id") != claims.SessionID.String() {
		return domain.AccessClaims{}, unavailable(errors.New("verify: the base address answers 204 and does not name the user of the token: it is not that of Auth Service"))
	}
	claims.Role = domain.KnownRole(header.Get("X-Auth-Role"))
	return claims, nil
}

// refusals are the errors of the service about a token.
var refusals = []*domain.Error{
	domain.ErrTokenExpired, domain.ErrSessionEnded, domain.ErrEmailNotVerified, domain.ErrAccountDisabled,
}

// refusalIn returns the error of an answer that is not a yes: a refusal by the service, or
// domain.ErrUnavailable. Codes of newer releases count as refusals by their status; an
// answer without a code is not the service's.
func refusalIn(answer *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxRefusalSize))
	if err != nil {
		return unavailable(fmt.Errorf("verify: asking the service: %w", err))
	}
	code := jws.TextMember(text, "code")
	refused := answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden
	switch at := slices.IndexFunc(refusals, func(e *domain.Error) bool { return e.Code == code }); {
	case !refused || code == "":
	case at >= 0:
		return refusals[at]
	case answer.StatusCode == http.StatusUnauthorized:
		return domain.ErrUnauthenticated
	default:
		return domain.ErrForbidden
	}
	return unavailable(fmt.Errorf("verify: asking the service: %s answers %d", answer.Request.URL.Redacted(), answer.StatusCode))
}
