package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

type forwardAuthInput struct {
	Role   string `query:"role" enum:"user,support,admin" doc:"The role that is needed; user if left out. support includes user, and admin includes both."`
	MFA    string `query:"mfa" enum:"true" doc:"Demand a session whose sign-in had two factors."`
	MaxAge int    `query:"max_age" minimum:"1" maximum:"31536000" doc:"How many seconds ago the user may have signed in at most."`
}

// demand is the operator's requirement of a request.
type demand struct {
	role domain.Role
	// mfa demands a sign-in with two factors. maxAge is how old it may be, in seconds; 0 is any
	// age.
	mfa    bool
	maxAge int
}

type forwardAuthOutput struct {
	Status    int
	UserID    string `header:"X-Auth-User-Id" doc:"The user of the request."`
	Email     string `header:"X-Auth-User-Email" doc:"The address of the user; empty if it is not confirmed."`
	Role      string `header:"X-Auth-Role" doc:"The user's role, which may be more than was needed."`
	SessionID string `header:"X-Auth-Session-Id" doc:"The session of the request."`
	Methods   string `header:"X-Auth-Methods" doc:"How the user signed in: the values of the claim amr, separated by commas."`
}

func (s *Server) gatewayRoutes() {
	public(s, endpoint{
		id: "testPublic", method: http.MethodGet, path: "/test/public", tag: tagGateway,
		summary: "Try a request without a token", description: "Answers every caller.", refusals: []*domain.Error{domain.ErrHeadersTooLarge},
	}, func(context.Context, *none) (*messageOutput, error) {
		return message("Anybody may see this."), nil
	})
	protected(s, endpoint{
		id: "testProtected", method: http.MethodGet, path: "/test/protected", tag: tagGateway,
		summary: "Try a request with a token", description: "Answers every caller with a valid access token.",
	}, func(context.Context, domain.Principal, *none) (*messageOutput, error) {
		return message("You are signed in."), nil
	})
	protected(s, endpoint{
		id: "forwardAuth", method: http.MethodGet, path: "/forward-auth", anyMethod: true, claims: true, tag: tagGateway,
		summary: "Let a gateway ask for the user of a request",
		description: "For nginx `auth_request`, Caddy and Traefik `forward_auth`: 204 with `X-Auth-…` headers to pass on, else 401 or 403 to hand to the client. " +
			"The gateway must remove all headers of these names that the client sent. Every 204 has `X-Auth-User-Email`, which is empty while the address is not confirmed. " +
			"Each claim of `ACCESS_TOKEN_CLAIMS` has a header, such as `X-Auth-Tenant-Id` for `tenant_id`: its value is percent-encoded, the texts of a list are separated by commas, and it is empty if the user has none. " +
			"Every method gets the same answer, and bodies are ignored.\n\n" +
			"Gateways that append the path of their client, as Envoy does, ask below this path: `/forward-auth/require/role=admin/…`. The path after the role, the query and the body then " +
			"belong to the client and are ignored, and the answer is 200 instead of 204, because Envoy accepts only 200. Without `require/role=…` any signed-in user is let through. " +
			"The gateway's configuration should always name the role, so that no path of a client can pass for a requirement. A path that looks like a misspelt requirement is refused.\n\n" +
			"`?mfa=true` demands a sign-in with two factors, and `?max_age=300` one that is at most so many seconds old; below the path, `require/role=admin,mfa=true,max_age=300/…`. " +
			"Other sessions get 401 `insufficient_user_authentication` with `WWW-Authenticate` as RFC 9470 describes it.",
		refusals: []*domain.Error{domain.ErrForbidden, domain.ErrInvalidRole, domain.ErrValidationFailed, domain.ErrInsufficientAuthentication},
	}, s.forwardAuth)
	protected(s, endpoint{
		id: "forwardAuthBelow", method: http.MethodGet, path: "/forward-auth/*", anyMethod: true, claims: true, hidden: true, // OpenAPI has no paths of any length
	}, s.forwardAuthBelow)
}

func (s *Server) forwardAuth(ctx context.Context, p domain.Principal, in *forwardAuthInput) (*forwardAuthOutput, error) {
	needed := demand{role: domain.RoleUser, mfa: in.MFA != "", maxAge: in.MaxAge}
	if in.Role != "" {
		role, err := domain.ParseRole(in.Role)
		if err != nil {
			return nil, err
		}
		needed.role = role
	}
	return s.admit(callOf(ctx), p, needed, http.StatusNoContent)
}

// forwardAuthBelow answers for paths below /forward-auth, which end with the path of the
// gateway's client.
func (s *Server) forwardAuthBelow(ctx context.Context, p domain.Principal, _ *none) (*forwardAuthOutput, error) {
	c := callOf(ctx)
	asked := c.Query("role") != "" || c.Query("mfa") != "" || c.Query("max_age") != ""
	needed, err := requiredBelow(c.Param("*"), asked)
	if err != nil {
		return nil, err
	}
	return s.admit(c, p, needed, http.StatusOK)
}

// errRequirement refuses a requirement that is not understood, because a misspelt one
// that is ignored would let too many users through.
var errRequirement = domain.ErrValidationFailed.WithDetail("The path below /forward-auth requires something else than /require/role=user/, /require/role=support/ or /require/role=admin/, each also with ,mfa=true and ,max_age=SECONDS.")

// requiredBelow returns what a path below /forward-auth requires. The path is
// compared as it was sent: the operator wrote its beginning, and nothing that the client
// appended, such as dot segments, can change that. A path of HTTP begins with a slash
// (RFC 9112 section 3.2.1), so it cannot lengthen the operator's last word either. asked
// tells that the query has a requirement, which only counts at /forward-auth itself.
// Errors: errRequirement and domain.ErrInvalidRole.
func requiredBelow(path string, asked bool) (demand, error) {
	first, rest, _ := strings.Cut(path, "/")
	words, _, _ := strings.Cut(rest, "/")
	if first != "require" {
		if path == "" && asked || misspelt(first, words) {
			return demand{}, errRequirement
		}
		return demand{role: domain.RoleUser}, nil
	}
	role, others, more := strings.Cut(words, ",")
	name, isRole := strings.CutPrefix(role, "role=")
	if !isRole {
		return demand{}, errRequirement
	}
	needed := demand{}
	var err error
	if needed.role, err = domain.ParseRole(name); err != nil {
		return demand{}, err
	}
	for more {
		var word string
		word, others, more = strings.Cut(others, ",")
		seconds, isAge := strings.CutPrefix(word, "max_age=")
		switch {
		case word == "mfa=true" && !needed.mfa:
			needed.mfa = true
		case isAge && needed.maxAge == 0 && isAgeText(seconds):
			needed.maxAge, _ = strconv.Atoi(seconds) // isAgeText has read it
		default:
			return demand{}, errRequirement
		}
	}
	return needed, nil
}

// isAgeText reports whether text is a number of seconds from 1 to a year, as the query has it.
func isAgeText(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 365*24*60*60 && strconv.Itoa(n) == text
}

// misspelt reports whether the first two segments of a path look like a requirement that
// an operator wrote in another way. Then no user is let through, because it cannot be told
// from a requirement that is ignored.
func misspelt(first, second string) bool {
	plain, err := url.PathUnescape(first)
	plain = strings.ToLower(strings.TrimSpace(plain))
	after, requires := strings.CutPrefix(plain, "require")
	isWord := after != "" && 'a' <= after[0] && after[0] <= 'z' // as in requirements
	for _, word := range []string{"role=", "mfa=", "max_age="} {
		if strings.HasPrefix(second, word) || strings.Contains(plain, word) {
			return true
		}
	}
	return err != nil || requires && !isWord || plain == "." || plain == ".." || first == "" && second != ""
}

// admit names the user to the gateway, with a status that lets a request through, if the
// user has the role. The address and every configured claim have their header, if only an empty
// one, because a gateway passes a client's on where the answer has none.
func (s *Server) admit(c *call, p domain.Principal, needed demand, yes int) (*forwardAuthOutput, error) {
	user, session, err := p.SignedIn()
	if err != nil {
		return nil, err
	}
	methods := session.Methods()
	if needed.mfa && !slices.Contains(methods, domain.MethodMultiFactor) || needed.maxAge > 0 && c.signedInFor > time.Duration(needed.maxAge)*time.Second {
		p := problemOf(domain.ErrInsufficientAuthentication)
		p.maxAge = needed.maxAge
		return nil, p
	}
	if !user.Role().Includes(needed.role) {
		return nil, domain.ErrForbidden
	}
	words := make([]string, len(methods))
	for i, method := range methods {
		words[i] = string(method)
	}
	out := &forwardAuthOutput{Status: yes, UserID: user.ID().String(), Role: user.Role().String(), SessionID: session.ID().String(), Methods: strings.Join(words, ",")}
	c.x.SetHeader("X-Auth-User-Email", "") // huma writes no empty header
	if user.EmailVerified() {              // applications take the address for the user's own
		out.Email = user.Email().String()
	}
	for _, name := range s.config.Claims.Names() {
		c.x.SetHeader(domain.ClaimHeader(name), claimText(c.claims[name]))
	}
	return out, nil
}

// claimText returns a claim as headers carry it: percent-encoded but for the unreserved
// characters of RFC 3986 section 2.3. A comma separates the texts of a list.
func claimText(value any) string {
	switch value := value.(type) {
	case []string:
		texts := make([]string, len(value))
		for i, text := range value {
			texts[i] = claimText(text)
		}
		return strings.Join(texts, ",")
	case nil:
		return ""
	}
	return strings.ReplaceAll(url.QueryEscape(fmt.Sprint(value)), "+", "%20")
}
