package usecases_test

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/jobs"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/migrations"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/app"
	"github.com/seed543b3b27/auth-service/test/kit/pgtap"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
)

// unmarked takes the place of the marks of used tokens, which are stored in batches in the
// background.
type unmarked struct{}

func (unmarked) NoteSeen(domain.SessionID, int64) {}

// tapped returns a service on PostgreSQL with the default limits, and what it sends there.
func tapped(t *testing.T) (*authtest.Service, *pgtap.Tap) {
	t.Helper()
	tap := pgtap.Start(t, postgrestest.NewDatabase(t))
	source, err := database.ParseURL(tap.URL)
	require.NoError(t, err)
	logger := slog.New(slog.DiscardHandler)
	db, err := database.Open(t.Context(), source, database.Options{Logger: logger, MaxOpenConns: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	migrator, err := migrations.New(db.GORM())
	require.NoError(t, err)
	_, err = migrator.Up(t.Context())
	require.NoError(t, err)
	queue, err := jobs.New(db.SQL(), string(db.Dialect()), jobs.Options{Logger: logger, Clock: system.Clock{}})
	require.NoError(t, err)
	stores := database.NewStores(db, queue, func(text string) [32]byte { return sha256.Sum256([]byte(text)) })
	store := ports.Store{Repositories: stores.Repositories(), UnitOfWork: stores, Sightings: unmarked{}}
	return authtest.New(t, authtest.WithStore(store), authtest.WithLimits(service.DefaultQuotas()),
		authtest.WithSettings(func(s *assembly.Settings) { s.EmailVerificationRequired = false })), tap
}

// A check costs one statement, whatever asks for it, and a refresh one read and one
// conditional write. A single statement needs no BEGIN and COMMIT. This is the path without
// traces, which the statements take past GORM and database/sql; test/watch/tracing has the
// budget of the others.
func TestHotPaths_SendOneStatementForEachStep(t *testing.T) {
	t.Parallel()
	s, tap := tapped(t)
	client := api.New(t, s.URL)
	send := func(status int, method, path, token string, body any) (answer api.Answer, sent []string) {
		tap.Sent()
		answer = client.Do(api.Request{Method: method, Path: api.Prefix + path, Token: token, Body: body}).Is(status)
		return answer, tap.Sent()
	}
	credentials := api.Object{"email": app.Ada, "password": app.Password}
	send(http.StatusCreated, http.MethodPost, "/email/register", "", credentials)
	answer, _ := send(http.StatusOK, http.MethodPost, "/login", "", credentials)
	tokens := api.Decode[api.Tokens](answer)
	for round := range 3 { // in the first round the statements are prepared
		var checked string
		for path, status := range map[string]int{"/me": http.StatusOK, "/forward-auth": http.StatusNoContent, "/forward-auth?role=user": http.StatusNoContent} {
			_, sent := send(status, http.MethodGet, path, tokens.Access, nil)
			require.Len(t, sent, 1, "%s, round %d", path, round)
			if path != "/me" { // which reads the metadata by the same query
				checked = sent[0]
			}
		}
		answer, refreshed := send(http.StatusOK, http.MethodPost, "/refresh", "", api.Object{"refresh_token": tokens.Refresh})
		tokens = api.Decode[api.Tokens](answer)
		assert.Len(t, refreshed, 2, "refresh, round %d", round)
		assert.Contains(t, refreshed, checked, "both read the session in one way")
	}
	_, ended := send(http.StatusNoContent, http.MethodPost, "/logout", tokens.Access, nil)
	assert.Contains(t, ended, "commit", "control: a transaction shows")
	_, refused := send(http.StatusUnauthorized, http.MethodGet, "/me", tokens.Access, nil)
	assert.Len(t, refused, 1, "an ended session")
}
