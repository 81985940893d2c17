package domain_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

var eventID = domain.EventID{5}

// eventTypes are all types with their outcomes. Both are a contract: a change here breaks
// readers of the log.
var eventTypes = map[string]domain.Outcome{
	"registered":             domain.OutcomeSuccess,
	"registered_again":       domain.OutcomeSuccess,
	"user_created":           domain.OutcomeSuccess,
	"email_verified":         domain.OutcomeSuccess,
	"email_change_undone":    domain.OutcomeSuccess,
	"email_changed":          domain.OutcomeSuccess,
	"logged_in":              domain.OutcomeSuccess,
	"login_locked":           domain.OutcomeRefused,
	"login_refused":          domain.OutcomeRefused,
	"refresh_token_reused":   domain.OutcomeRefused,
	"refresh_replayed":       domain.OutcomeSuccess,
	"refresh_reissued":       domain.OutcomeSuccess,
	"logged_out":             domain.OutcomeSuccess,
	"session_revoked":        domain.OutcomeSuccess,
	"sessions_ended":         domain.OutcomeSuccess,
	"password_changed":       domain.OutcomeSuccess,
	"password_reset":         domain.OutcomeSuccess,
	"password_dropped":       domain.OutcomeSuccess,
	"password_refused":       domain.OutcomeRefused,
	"role_changed":           domain.OutcomeSuccess,
	"role_invited":           domain.OutcomeSuccess,
	"status_changed":         domain.OutcomeSuccess,
	"profile_changed":        domain.OutcomeSuccess,
	"app_changed":            domain.OutcomeSuccess,
	"user_deleted":           domain.OutcomeSuccess,
	"users_exported":         domain.OutcomeSuccess,
	"registration_expired":   domain.OutcomeSuccess,
	"account_exported":       domain.OutcomeSuccess,
	"email_change_requested": domain.OutcomeSuccess,
	"rate_limited":           domain.OutcomeRefused,

	"password_change_required": domain.OutcomeSuccess,
	"factor_added":             domain.OutcomeSuccess,
	"factor_removed":           domain.OutcomeSuccess,
	"code_refused":             domain.OutcomeRefused,
	"codes_locked":             domain.OutcomeRefused,
	"recovery_code_used":       domain.OutcomeSuccess,
	"recovery_codes_made":      domain.OutcomeSuccess,
	"mail_requested":           domain.OutcomeSuccess,
	"mail_sent":                domain.OutcomeSuccess,
	"mail_delayed":             domain.OutcomeRefused,
	"mail_refused":             domain.OutcomeRefused,
	"mail_expired":             domain.OutcomeRefused,
	"mail_withdrawn":           domain.OutcomeSuccess,
	"limits_lifted":            domain.OutcomeSuccess,
}

func TestEventTypes_AreStableAndHaveOneOutcome(t *testing.T) {
	t.Parallel()
	word := regexp.MustCompile(`^[a-z_]{1,64}$`)
	all := map[string]domain.Outcome{}
	for _, typ := range domain.EventTypes() {
		all[string(typ)] = typ.Outcome()
		assert.Regexp(t, word, string(typ))
		parsed, err := domain.ParseEventType(string(typ))
		require.NoError(t, err)
		assert.Equal(t, typ, parsed)
	}
	assert.Equal(t, eventTypes, all)
	assert.Len(t, domain.EventTypes(), len(eventTypes), "none twice")
	for _, text := range []string{"", "Logged_in", "logged_in ", "logged-in", "unknown"} {
		typ, err := domain.ParseEventType(text)
		require.ErrorIs(t, err, domain.ErrInvalidParameter)
		var refusal *domain.Error
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, "type", refusal.Field)
		assert.Empty(t, typ)
	}
}

// S-47: nothing that a client sends can break a line of the log.
func TestNewEvent_KeepsItsClientInCanonicalForm(t *testing.T) {
	t.Parallel()
	client := domain.Client{IP: "::ffff:192.0.2.7", UserAgent: "Browser\n\x1b[31m"}
	e := domain.NewEvent(eventID, domain.EventLoggedIn, client, "request\r\n-1"+strings.Repeat("é", 50), start)
	assert.Equal(t, domain.Event{
		ID: eventID, Type: domain.EventLoggedIn, Outcome: domain.OutcomeSuccess, At: start,
		Client:    domain.Client{IP: "192.0.2.7", UserAgent: "Browser[31m"},
		RequestID: "request-1" + strings.Repeat("é", 27),
	}, e)
	assert.Len(t, e.RequestID, 63, "at most 64 bytes, of whole characters")
	assert.Equal(t, domain.OutcomeRefused, domain.NewEvent(eventID, domain.EventLoginRefused, client, "", start).Outcome)
}

func TestEvent_RecordsActorActionAndSubject(t *testing.T) {
	t.Parallel()
	alice := newAlice(t)
	p, err := domain.SessionPrincipal(alice, newSession(alice), later)
	require.NoError(t, err)
	e := domain.NewEvent(eventID, domain.EventSessionRevoked, domain.Client{}, "", start)
	with := func(edit func(e *domain.Event)) domain.Event {
		want := e
		edit(&want)
		return want
	}
	assert.Equal(t, with(func(e *domain.Event) { e.ActorID, e.SessionID = aliceID, sessionID }), e.By(p))
	assert.Equal(t, with(func(e *domain.Event) { e.ByOperator = true }), e.By(domain.Operator()))
	assert.Equal(t, e, e.By(domain.Principal{}))
	assert.Equal(t, with(func(e *domain.Event) { e.SubjectID = bobID }), e.About(bobID))
	assert.Equal(t, with(func(e *domain.Event) { e.SubjectID, e.ActorID = bobID, bobID }), e.About(bobID).ByOwner())
	assert.Equal(t, with(func(e *domain.Event) { e.ActorID, e.SessionID = aliceID, domain.SessionID{8} }), e.By(p).In(domain.SessionID{8}))
	assert.Equal(t, with(func(e *domain.Event) { e.Detail = "logout" }), e.Saying("logout"))
	assert.Equal(t, with(func(*domain.Event) {}), e, "events are never changed")
}

// Users who read the events about themselves learn only that other users acted.
func TestEvent_ForSubjectHidesOthers(t *testing.T) {
	t.Parallel()
	full := domain.Event{
		ID: eventID, Type: domain.EventRoleChanged, Outcome: domain.OutcomeSuccess, At: start, SubjectID: aliceID, SessionID: sessionID,
		Client: domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}, RequestID: "request-1", Detail: "admin",
	}
	hidden := full
	hidden.ByOperator = true
	hidden.SessionID, hidden.Client, hidden.RequestID = domain.SessionID{}, domain.Client{}, ""
	by := func(actor domain.UserID, operator bool) domain.Event {
		e := full
		e.ActorID, e.ByOperator = actor, operator
		return e
	}
	for name, test := range map[string]struct{ stored, want domain.Event }{
		"the user's own act":   {by(aliceID, false), by(aliceID, false)},
		"nobody signed in":     {by(domain.UserID{}, false), by(domain.UserID{}, false)},
		"an administrator":     {by(bobID, false), hidden},
		"the operator":         {by(domain.UserID{}, true), hidden},
		"hidden once is ended": {hidden, hidden},
	} {
		assert.Equal(t, test.want, test.stored.ForSubject(), name)
	}
}

// F-M4: the event says which accounts began with rights over others.
func TestCreatedDetail_NamesRolesAboveUser(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		role     domain.Role
		imported bool
		want     string
	}{
		{domain.RoleUser, false, ""}, {domain.RoleUser, true, "imported"},
		{domain.RoleAdmin, false, "admin"}, {domain.RoleAdmin, true, "imported_admin"},
	} {
		assert.Equal(t, c.want, domain.CreatedDetail(c.role, c.imported))
	}
}
