package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

// DefaultLeeway is how far the clocks of this process and of the service may differ.
const DefaultLeeway = 30 * time.Second

// requestTimeout is how long one request to the service may take in all.
const requestTimeout = 5 * time.Second

// Verifier checks access tokens. It is safe for concurrent use, needs no Close, and should
// live as long as the process, because it keeps the keys.
type Verifier struct {
	base   string // the address of the service, without a trailing slash
	rules  domain.TokenRules
	client *http.Client
	now    func() time.Time
	check  func(ctx context.Context, token string) (domain.AccessClaims, error)
	ready  func(ctx context.Context) error
	keys   keySource
	// broken is why the arguments of New cannot work; nil if they can.
	broken error
}

// Option changes a Verifier.
type Option func(*Verifier)

// WithClient makes requests to the service with client, in place of one with Go's default
// transport. Redirects are not followed, because tokens and keys are for one address. For
// Online under load, raise MaxIdleConnsPerHost of the transport.
func WithClient(client *http.Client) Option {
	return func(v *Verifier) {
		if client == nil {
			v.broken = errors.Join(v.broken, errors.New("verify: WithClient needs a client"))
			return
		}
		v.client = client
	}
}

// WithClock takes the time from now, for tests. The default is time.Now.
func WithClock(now func() time.Time) Option {
	return func(v *Verifier) { v.now = now }
}

// WithLeeway changes how far clocks may differ, in place of DefaultLeeway. It is at
// most a minute, and not negative.
func WithLeeway(leeway time.Duration) Option {
	return func(v *Verifier) {
		if leeway < 0 || leeway > time.Minute {
			v.broken = errors.Join(v.broken, fmt.Errorf("verify: a leeway of %s is not between 0 and a minute", leeway))
			return
		}
		v.rules.Leeway = leeway
	}
}

// New returns a Verifier that checks tokens offline, by the key set that it fetches from
// the service at baseURL: the service's PUBLIC_URL, or an address within the cluster, such
// as http://auth-service:8000. issuer and audience are the service's JWT_ISSUER and
// JWT_AUDIENCE.
//
// Offline checks see no logout: a token is accepted until it expires, whatever became of
// its session and its user. Use Online where that matters.
//
// New makes no request. The first Check fetches the keys; Ready does it before. Mistakes in
// the arguments are errors of Check and Ready.
func New(baseURL, issuer, audience string, options ...Option) *Verifier {
	v := newVerifier(baseURL, issuer, audience, options)
	v.check, v.ready = v.offline, v.hasKeys
	return v
}

// Online returns a Verifier that asks the service about each token, by one request to
// /api/auth/forward-auth. So a logout, an ended session and a disabled user count at once,
// and the claims carry the present role of the user; its further claims are those of the token. If the service cannot be asked, no
// token is accepted. The arguments are those of New.
func Online(baseURL, issuer, audience string, options ...Option) *Verifier {
	v := newVerifier(baseURL, issuer, audience, options)
	v.check, v.ready = v.online, v.isAnswered
	return v
}

func newVerifier(baseURL, issuer, audience string, options []Option) *Verifier {
	v := &Verifier{
		rules:  domain.TokenRules{Issuer: issuer, Audience: audience, Leeway: DefaultLeeway},
		client: &http.Client{},
		now:    time.Now,
	}
	for _, option := range options {
		option(v)
	}
	client := *v.client // a copy, because the caller may use it for other things
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v.client = &client
	base, err := checkBase(baseURL)
	v.base, v.broken = base, errors.Join(v.broken, err)
	if issuer == "" || audience == "" {
		v.broken = errors.Join(v.broken, errors.New("verify: issuer and audience must not be empty; the service calls them JWT_ISSUER and JWT_AUDIENCE"))
	}
	v.keys.fetch = v.fetchKeys
	return v
}

// checkBase returns the address of the service without a trailing slash.
func checkBase(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("verify: the base address must be one like https://auth.example.com, the service's PUBLIC_URL")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// Check returns the claims of an access token, without "Bearer ". errors.As finds a
// *domain.Error in each error. Errors: domain.ErrTokenExpired if only the token's time is
// over; domain.ErrUnauthenticated if it is not an access token for this audience;
// domain.ErrUnavailable if the keys or the service could not be had, or if ctx ended
// before. Online has further refusals of the service: domain.ErrSessionEnded,
// domain.ErrAccountDisabled, domain.ErrEmailNotVerified and domain.ErrForbidden.
func (v *Verifier) Check(ctx context.Context, token string) (domain.AccessClaims, error) {
	if v.broken != nil {
		return domain.AccessClaims{}, unavailable(v.broken)
	}
	claims, err := v.check(ctx, token)
	if err != nil {
		return domain.AccessClaims{}, err
	}
	if err := v.rules.CheckAccess(claims, v.now()); err != nil {
		return domain.AccessClaims{}, err
	}
	return claims, nil
}

// Ready returns nil if tokens can be checked: the arguments can work, and a Verifier of New
// has keys, which Ready fetches if need be, or the service answers a Verifier of Online.
// Call it at the start of a process. Errors: domain.ErrUnavailable with the reason.
func (v *Verifier) Ready(ctx context.Context) error {
	if v.broken != nil {
		return unavailable(v.broken)
	}
	return v.ready(ctx)
}

func (v *Verifier) hasKeys(ctx context.Context) error {
	_, err := v.keys.current(ctx, v.now())
	return err
}

// offline reads a token by the keys of the service.
func (v *Verifier) offline(ctx context.Context, token string) (domain.AccessClaims, error) {
	id, err := jws.KeyID(jws.TypeAccess, token)
	if err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated // and the service is not asked for keys
	}
	keys, err := v.keys.with(ctx, id, v.now())
	if err != nil {
		return domain.AccessClaims{}, err
	}
	claims, err := keys.ReadAccess(token)
	if err != nil {
		return domain.AccessClaims{}, domain.ErrUnauthenticated
	}
	return claims, nil
}

// unavailable returns an error that is domain.ErrUnavailable and shows why.
func unavailable(why error) error {
	return fmt.Errorf("%w (%w)", domain.ErrUnavailable, why)
}
