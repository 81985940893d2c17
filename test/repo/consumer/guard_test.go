package consumer

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestGuard_AppliesTheServicesRules(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	rules := domain.TokenRules{Issuer: "auth-service", Audience: "shop", AccessLife: time.Hour}
	email, err := domain.ParseEmail("Alice@Example.com")
	if err != nil {
		t.Fatal(err)
	}
	user := domain.NewUser(domain.UserID{1}, email, domain.PasswordHash{}, domain.RoleUser, now)
	lives := domain.SessionLives{Idle: 24 * time.Hour, Absolute: 48 * time.Hour}
	session := domain.StartSession(domain.SessionID{2}, user, domain.Proofs{domain.ProofByPassword(now)}, domain.Client{}, lives, now)
	claims := rules.Access(session, user.Role())

	for name, c := range map[string]struct {
		err  error
		now  time.Time
		role domain.Role
		want int
	}{
		"allowed":         {nil, now, domain.RoleUser, http.StatusNoContent},
		"role missing":    {nil, now, domain.RoleAdmin, http.StatusForbidden},
		"expired":         {nil, now.Add(2 * time.Hour), domain.RoleUser, http.StatusUnauthorized},
		"no token":        {domain.ErrUnauthenticated, now, domain.RoleUser, http.StatusUnauthorized},
		"verifier failed": {errors.New("no key"), now, domain.RoleUser, http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verify := func(*http.Request) (domain.AccessClaims, error) { return claims, c.err }
			next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
			answer := httptest.NewRecorder()
			Guard(rules, verify, func() time.Time { return c.now }, c.role, next).
				ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/orders", http.NoBody))
			if answer.Code != c.want {
				t.Errorf("status %d, want %d", answer.Code, c.want)
			}
		})
	}
}
