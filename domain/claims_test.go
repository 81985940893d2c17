package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestClaims_ComeFromTheStoredSessionAlone(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	second := start.Truncate(time.Second)
	assert.Equal(t, domain.AccessClaims{
		ID: sessionID.String() + ".1.at", Issuer: "auth-service", Audience: []string{"shop"},
		Subject: aliceID, SessionID: sessionID, ClientID: "shop", Generation: 1, Role: domain.RoleUser,
		Methods: []domain.Method{domain.MethodPassword}, AuthenticatedAt: second,
		IssuedAt: second, NotBefore: second, ExpiresAt: second.Add(30 * time.Minute),
	}, rules.Access(s, domain.RoleUser))
	assert.Equal(t, domain.RefreshClaims{
		ID: sessionID.String() + ".1.rt", Issuer: "auth-service", Audience: []string{"shop"},
		Subject: aliceID, SessionID: sessionID, Generation: 1,
		IssuedAt: second, ExpiresAt: second.Add(7 * day),
	}, rules.Refresh(s))
	restored, err := domain.RestoreSession(s.Snapshot())
	require.NoError(t, err)
	assert.Equal(t, rules.Access(s, domain.RoleUser), rules.Access(restored, domain.RoleUser))
	assert.Equal(t, rules.Refresh(s), rules.Refresh(restored))
}

// F-E2: the audience is the client unless the settings name one.
func TestClaims_NameTheClient(t *testing.T) {
	t.Parallel()
	s, named := newSession(newAlice(t)), rules
	named.ClientID = "mobile"
	assert.Equal(t, "mobile", named.Access(s, domain.RoleUser).ClientID)
	require.NoError(t, rules.CheckAccess(named.Access(s, domain.RoleUser), start), "another client id signs nobody out")
}

func TestClaims_AccessTokenNeverOutlivesItsSession(t *testing.T) {
	t.Parallel()
	s := domain.StartSession(sessionID, newAlice(t), domain.Proofs{domain.ProofByPassword(start)}, domain.Client{},
		domain.SessionLives{Idle: 7 * day, Absolute: 10 * time.Minute}, start)
	assert.Equal(t, s.Snapshot().AbsoluteExpiresAt.Truncate(time.Second), rules.Access(s, domain.RoleUser).ExpiresAt)
}

func TestClaims_EveryRotationHasItsOwnID(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	first, firstAccess := rules.Refresh(s), rules.Access(s, domain.RoleUser)
	_, err := s.Refresh(1, home, 1, lives, start.Add(time.Microsecond))
	require.NoError(t, err)
	assert.NotEqual(t, first.ID, rules.Refresh(s).ID)
	assert.NotEqual(t, firstAccess.ID, rules.Access(s, domain.RoleUser).ID)
}

func TestCheckAccess_HoldsEveryClaim(t *testing.T) {
	t.Parallel()
	now := start.Add(time.Minute)
	for name, c := range map[string]struct {
		edit func(*domain.AccessClaims)
		want error
	}{
		"as issued":                         {func(*domain.AccessClaims) {}, nil},
		"S-25 one audience of several":      {func(c *domain.AccessClaims) { c.Audience = []string{"other", "shop"} }, nil},
		"S-23 within the leeway after exp":  {func(c *domain.AccessClaims) { c.ExpiresAt = now.Add(-rules.Leeway + time.Microsecond) }, nil},
		"S-23 at the leeway after exp":      {func(c *domain.AccessClaims) { c.ExpiresAt = now.Add(-rules.Leeway) }, domain.ErrTokenExpired},
		"S-23 past the leeway after exp":    {func(c *domain.AccessClaims) { c.ExpiresAt = now.Add(-rules.Leeway - time.Second) }, domain.ErrTokenExpired},
		"S-23 no exp":                       {func(c *domain.AccessClaims) { c.ExpiresAt = time.Time{} }, domain.ErrUnauthenticated},
		"S-23 exp at 1970":                  {func(c *domain.AccessClaims) { c.ExpiresAt = time.Unix(0, 0) }, domain.ErrTokenExpired},
		"S-23 nbf at the leeway":            {func(c *domain.AccessClaims) { c.NotBefore = now.Add(rules.Leeway) }, nil},
		"S-23 nbf past the leeway":          {func(c *domain.AccessClaims) { c.NotBefore = now.Add(rules.Leeway + 5*time.Second) }, domain.ErrUnauthenticated},
		"S-23 no nbf":                       {func(c *domain.AccessClaims) { c.NotBefore = time.Time{} }, domain.ErrUnauthenticated},
		"S-23 iat in the future":            {func(c *domain.AccessClaims) { c.IssuedAt = now.Add(time.Hour) }, domain.ErrUnauthenticated},
		"S-23 no iat":                       {func(c *domain.AccessClaims) { c.IssuedAt = time.Time{} }, domain.ErrUnauthenticated},
		"S-25 other issuer":                 {func(c *domain.AccessClaims) { c.Issuer = "evil" }, domain.ErrUnauthenticated},
		"S-25 issuer of another case":       {func(c *domain.AccessClaims) { c.Issuer = "Auth-Service" }, domain.ErrUnauthenticated},
		"S-25 no issuer":                    {func(c *domain.AccessClaims) { c.Issuer = "" }, domain.ErrUnauthenticated},
		"S-25 other audience":               {func(c *domain.AccessClaims) { c.Audience = []string{"other"} }, domain.ErrUnauthenticated},
		"S-25 empty audience":               {func(c *domain.AccessClaims) { c.Audience = []string{""} }, domain.ErrUnauthenticated},
		"S-25 no audience":                  {func(c *domain.AccessClaims) { c.Audience = nil }, domain.ErrUnauthenticated},
		"no subject":                        {func(c *domain.AccessClaims) { c.Subject = domain.UserID{} }, domain.ErrUnauthenticated},
		"no session":                        {func(c *domain.AccessClaims) { c.SessionID = domain.SessionID{} }, domain.ErrUnauthenticated},
		"no role":                           {func(c *domain.AccessClaims) { c.Role = "" }, domain.ErrUnauthenticated},
		"F-H3 unknown role is user":         {func(c *domain.AccessClaims) { c.Role = "owner" }, nil},
		"expired and foreign is not “ours”": {func(c *domain.AccessClaims) { c.Issuer, c.ExpiresAt = "evil", start.Add(-day) }, domain.ErrUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claims := rules.Access(newSession(newAlice(t)), domain.RoleUser)
			c.edit(&claims)
			assert.ErrorIs(t, rules.CheckAccess(claims, now), c.want)
		})
	}
}

func TestCheckRefresh_HoldsEveryClaim(t *testing.T) {
	t.Parallel()
	now := start.Add(time.Minute)
	for name, c := range map[string]struct {
		edit func(*domain.RefreshClaims)
		want error
	}{
		"as issued":                      {func(*domain.RefreshClaims) {}, nil},
		"S-23 within the leeway":         {func(c *domain.RefreshClaims) { c.ExpiresAt = now.Add(-rules.Leeway + time.Second) }, nil},
		"S-23 past the leeway after exp": {func(c *domain.RefreshClaims) { c.ExpiresAt = now.Add(-rules.Leeway - time.Second) }, domain.ErrTokenExpired},
		"S-23 no exp":                    {func(c *domain.RefreshClaims) { c.ExpiresAt = time.Time{} }, domain.ErrInvalidRefreshToken},
		"S-23 iat in the future":         {func(c *domain.RefreshClaims) { c.IssuedAt = now.Add(time.Hour) }, domain.ErrInvalidRefreshToken},
		"S-23 no iat":                    {func(c *domain.RefreshClaims) { c.IssuedAt = time.Time{} }, domain.ErrInvalidRefreshToken},
		"S-25 other issuer":              {func(c *domain.RefreshClaims) { c.Issuer = "evil" }, domain.ErrInvalidRefreshToken},
		"S-25 other audience":            {func(c *domain.RefreshClaims) { c.Audience = []string{"other"} }, domain.ErrInvalidRefreshToken},
		"S-25 no audience":               {func(c *domain.RefreshClaims) { c.Audience = nil }, domain.ErrInvalidRefreshToken},
		"no subject":                     {func(c *domain.RefreshClaims) { c.Subject = domain.UserID{} }, domain.ErrInvalidRefreshToken},
		"no session":                     {func(c *domain.RefreshClaims) { c.SessionID = domain.SessionID{} }, domain.ErrInvalidRefreshToken},
		"generation zero":                {func(c *domain.RefreshClaims) { c.Generation = 0 }, domain.ErrInvalidRefreshToken},
		"negative generation":            {func(c *domain.RefreshClaims) { c.Generation = -1 }, domain.ErrInvalidRefreshToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claims := rules.Refresh(newSession(newAlice(t)))
			c.edit(&claims)
			assert.ErrorIs(t, rules.CheckRefresh(claims, now), c.want)
		})
	}
}

// V-35: rules that are not configured admit nothing.
func TestTokenRules_UnsetAdmitNothing(t *testing.T) {
	t.Parallel()
	s := newSession(newAlice(t))
	var unset domain.TokenRules
	assert.ErrorIs(t, unset.CheckAccess(unset.Access(s, domain.RoleUser), start), domain.ErrUnauthenticated)
	assert.ErrorIs(t, unset.CheckRefresh(unset.Refresh(s), start), domain.ErrInvalidRefreshToken)
	noAudience := domain.TokenRules{Issuer: "auth-service", AccessLife: time.Hour}
	assert.ErrorIs(t, noAudience.CheckAccess(noAudience.Access(s, domain.RoleUser), start), domain.ErrUnauthenticated)
}

func TestAccessClaims_Require(t *testing.T) {
	t.Parallel()
	user := domain.AccessClaims{Role: domain.RoleUser}
	admin := domain.AccessClaims{Role: domain.RoleAdmin}
	require.NoError(t, user.Require(domain.RoleUser))
	require.ErrorIs(t, user.Require(domain.RoleAdmin), domain.ErrForbidden)
	require.NoError(t, admin.Require(domain.RoleUser))
	require.NoError(t, admin.Require(domain.RoleAdmin))
	support := domain.AccessClaims{Role: domain.RoleSupport}
	require.NoError(t, support.Require(domain.RoleUser))
	require.NoError(t, support.Require(domain.RoleSupport))
	require.ErrorIs(t, support.Require(domain.RoleAdmin), domain.ErrForbidden)
	require.NoError(t, admin.Require(domain.RoleSupport))
	require.ErrorIs(t, domain.AccessClaims{}.Require(domain.RoleUser), domain.ErrForbidden)
	require.ErrorIs(t, domain.AccessClaims{}.Require(""), domain.ErrForbidden)

	// F-H3: a role of a newer release counts as user.
	newer := domain.AccessClaims{Role: "owner"}
	require.NoError(t, newer.Require(domain.RoleUser))
	require.ErrorIs(t, newer.Require(domain.RoleAdmin), domain.ErrForbidden)
	require.ErrorIs(t, newer.Require("owner"), domain.ErrForbidden)
}
