package contract

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func tokenTests() []storeTest {
	return []storeTest{
		{"Tokens_RoundTripEveryField", tokensRoundTrip},
		{"Tokens_SaveStoresEveryField", tokensSave},
		{"Tokens_UnknownOnesAreNotFound", tokensUnknown},
		{"Tokens_AUseSeesItsOwnTokensOnly", tokensByUse},
		{"Tokens_ByUserReturnsTokensOfOneUseTheNewestFirst", tokensByUser},
		{"Tokens_WithoutASecretAreNotFoundBySecret", tokensUnarmed},
		{"Tokens_ArmingAgainReplacesTheSecret", tokensRearmed},
		{"Tokens_AddNeedsTheUser", tokensNeedUser},
		{"Tokens_AnIdentifierIsStoredOnce", tokensUniqueID},
		{"Tokens_AStaleVersionConflicts", tokensStale},
		{"Tokens_DeleteByUserRemovesTheUnusedOnesOfOneUse", tokensDeleteByUser},
		{"Tokens_DeleteEndedRemovesInBatches", tokensDeleteEnded},
		{"Tokens_OpenUndosReserveAddresses", tokensOpenUndos},
	}
}

// purposes are all purposes of tokens.
var purposes = []domain.MailKind{
	domain.MailVerifyEmail, domain.MailChangeEmail, domain.MailResetPassword, domain.MailInvitation, domain.MailUndoEmail,
}

func tokensRoundTrip(t *testing.T, s store) {
	u := s.addUser(t, "o'brien+%_tag@sub.example.org")
	for _, purpose := range purposes {
		all := []*domain.Token{
			newToken(t, purpose, u),
			newToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.SecretHash = [32]byte{} }),
			newToken(t, purpose, u, func(s *domain.TokenSnapshot) {
				s.Email = "former@example.com"
				s.SecretHash[0], s.SecretHash[31] = 0, 0
				s.CreatedAt = start.Add(1 * time.Microsecond)
				s.ExpiresAt = start.Add(3 * time.Microsecond)
				s.UsedAt = start.Add(2 * time.Microsecond)
				s.FormerVerified = s.FormerRole != ""
			}),
		}
		if purpose == domain.MailUndoEmail { // the only purpose with all fields
			requireEveryField(t, all[len(all)-1].Snapshot())
		}
		for _, token := range all {
			require.NoError(t, s.Repositories.Tokens.Add(t.Context(), token))
			assert.Equal(t, token.Snapshot(), s.token(t, purpose.Use(), token.ID()).Snapshot(), "%s", purpose)
			if hash := token.Snapshot().SecretHash; hash != [32]byte{} {
				found, err := s.Repositories.Tokens.BySecretHash(t.Context(), purpose.Use(), hash)
				require.NoError(t, err)
				assert.Equal(t, token.Snapshot(), found.Snapshot(), "%s", purpose)
			}
		}
	}
}

func tokensSave(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	for _, purpose := range purposes {
		token := s.addToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.SecretHash = [32]byte{} })
		token.Arm(domain.NewSecret("secret of " + string(purpose)))
		require.NoError(t, token.Redeem(u, start.Add(time.Minute)))
		want := token.Snapshot()
		require.NoError(t, s.Repositories.Tokens.Save(t.Context(), token))
		want.Version++
		assert.Equal(t, want, s.token(t, purpose.Use(), token.ID()).Snapshot(), "%s", purpose)
	}
}

func tokensUnknown(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	for _, purpose := range purposes {
		s.addToken(t, purpose, u)
		_, err := s.Repositories.Tokens.ByID(t.Context(), purpose.Use(), newID())
		require.ErrorIs(t, err, domain.ErrTokenNotFound)
		_, err = s.Repositories.Tokens.ByID(t.Context(), purpose.Use(), domain.TokenID{})
		require.ErrorIs(t, err, domain.ErrTokenNotFound)
		_, err = s.Repositories.Tokens.BySecretHash(t.Context(), purpose.Use(), newHash())
		require.ErrorIs(t, err, domain.ErrTokenNotFound)
	}
}

func tokensByUse(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	other := map[domain.TokenUse]domain.TokenUse{
		domain.UseConfirmEmail: domain.UseSetPassword,
		domain.UseSetPassword:  domain.UseUndoEmail,
		domain.UseUndoEmail:    domain.UseConfirmEmail,
	}
	for _, purpose := range purposes {
		token := s.addToken(t, purpose, u)
		_, err := s.Repositories.Tokens.ByID(t.Context(), other[purpose.Use()], token.ID())
		require.ErrorIs(t, err, domain.ErrTokenNotFound, "%s", purpose)
		_, err = s.Repositories.Tokens.BySecretHash(t.Context(), other[purpose.Use()], token.Snapshot().SecretHash)
		require.ErrorIs(t, err, domain.ErrTokenNotFound, "%s", purpose)
	}
}

func tokensByUser(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	want := map[domain.TokenUse][]domain.TokenSnapshot{}
	for i, purpose := range purposes {
		token := s.addToken(t, purpose, ada, func(s *domain.TokenSnapshot) { s.CreatedAt = start.Add(time.Duration(i) * time.Second) })
		used := s.addToken(t, purpose, ada, func(s *domain.TokenSnapshot) {
			s.CreatedAt, s.UsedAt, s.SecretHash = start.Add(-time.Duration(i)*time.Second), start, [32]byte{}
		})
		s.addToken(t, purpose, bob)
		all := slices.Concat(want[purpose.Use()], []domain.TokenSnapshot{token.Snapshot(), used.Snapshot()})
		slices.SortFunc(all, func(a, b domain.TokenSnapshot) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), slices.Compare(b.ID[:], a.ID[:]))
		})
		want[purpose.Use()] = all
	}
	for use, want := range want {
		all, err := s.Repositories.Tokens.ByUser(t.Context(), use, ada.ID())
		require.NoError(t, err)
		var got []domain.TokenSnapshot
		for _, token := range all {
			got = append(got, token.Snapshot())
		}
		assert.Len(t, want, map[bool]int{true: 2, false: 4}[use == domain.UseUndoEmail])
		assert.Equal(t, want, got, "%s", use)
		all, err = s.Repositories.Tokens.ByUser(t.Context(), use, newID())
		require.NoError(t, err)
		assert.Empty(t, all)
	}
}

// B-20: an empty secret finds no token, even while tokens wait for their mails.
func tokensUnarmed(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	unarmed := func(s *domain.TokenSnapshot) { s.SecretHash = [32]byte{} }
	for _, purpose := range purposes {
		s.addToken(t, purpose, u, unarmed)
		s.addToken(t, purpose, u, unarmed)
		_, err := s.Repositories.Tokens.BySecretHash(t.Context(), purpose.Use(), [32]byte{})
		require.ErrorIs(t, err, domain.ErrTokenNotFound, "%s", purpose)
	}
}

func tokensRearmed(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	for _, purpose := range purposes {
		token := s.addToken(t, purpose, u)
		first := token.Snapshot().SecretHash
		second := domain.NewSecret("second secret of " + string(purpose))
		token.Arm(second)
		require.NoError(t, s.Repositories.Tokens.Save(t.Context(), token))
		_, err := s.Repositories.Tokens.BySecretHash(t.Context(), purpose.Use(), first)
		require.ErrorIs(t, err, domain.ErrTokenNotFound)
		found, err := s.Repositories.Tokens.BySecretHash(t.Context(), purpose.Use(), domain.HashTokenSecret(second))
		require.NoError(t, err)
		assert.Equal(t, token.ID(), found.ID())
	}
}

func tokensNeedUser(t *testing.T, s store) {
	nobody := newUser(t, "nobody@example.com")
	for _, purpose := range purposes {
		token := newToken(t, purpose, nobody)
		require.ErrorIs(t, s.Repositories.Tokens.Add(t.Context(), token), domain.ErrUserNotFound)
		_, err := s.Repositories.Tokens.ByID(t.Context(), purpose.Use(), token.ID())
		require.ErrorIs(t, err, domain.ErrTokenNotFound)
	}
}

func tokensUniqueID(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	for _, purpose := range purposes {
		first := s.addToken(t, purpose, u)
		again := newToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.ID = first.ID() })
		require.Error(t, s.Repositories.Tokens.Add(t.Context(), again))
		assert.Equal(t, first.Snapshot(), s.token(t, purpose.Use(), first.ID()).Snapshot())
	}
}

func tokensStale(t *testing.T, s store) {
	tokens, ctx := s.Repositories.Tokens, t.Context()
	u := s.addUser(t, "ada@example.com")
	for _, purpose := range purposes {
		token := s.addToken(t, purpose, u)
		stale := s.token(t, purpose.Use(), token.ID())
		require.NoError(t, token.Redeem(u, start))
		require.NoError(t, tokens.Save(ctx, token))
		want := s.token(t, purpose.Use(), token.ID()).Snapshot()

		stale.Arm(domain.NewSecret("a retry of the mail"))
		require.ErrorIs(t, tokens.Save(ctx, stale), domain.ErrConflict)
		require.ErrorIs(t, tokens.Save(ctx, token), domain.ErrConflict, "an aggregate can be saved only once")
		require.ErrorIs(t, tokens.Save(ctx, newToken(t, purpose, u)), domain.ErrConflict)
		assert.Equal(t, want, s.token(t, purpose.Use(), token.ID()).Snapshot())
	}
}

func tokensDeleteByUser(t *testing.T, s store) {
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	kept := map[domain.TokenID]domain.TokenUse{}
	var gone []domain.TokenID
	for _, purpose := range purposes {
		token := s.addToken(t, purpose, ada)
		if purpose.Use() == domain.UseSetPassword {
			gone = append(gone, token.ID())
		} else {
			kept[token.ID()] = purpose.Use()
		}
		used := s.addToken(t, purpose, ada, func(s *domain.TokenSnapshot) { s.UsedAt = start })
		kept[used.ID()] = purpose.Use()
		kept[s.addToken(t, purpose, bob).ID()] = purpose.Use()
	}
	for range 2 { // removing nothing is not an error
		require.NoError(t, s.Repositories.Tokens.DeleteByUser(t.Context(), domain.UseSetPassword, ada.ID()))
	}
	for _, id := range gone {
		_, err := s.Repositories.Tokens.ByID(t.Context(), domain.UseSetPassword, id)
		require.ErrorIs(t, err, domain.ErrTokenNotFound)
	}
	for id, use := range kept {
		s.token(t, use, id)
	}
}

func tokensDeleteEnded(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	cut := start.Add(100 * 24 * time.Hour)
	before, after := cut.Add(-time.Second), cut.Add(time.Second)
	kept := map[domain.TokenID]domain.TokenUse{}
	for _, purpose := range purposes {
		lives := s.addToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.ExpiresAt = after })
		usedLater := s.addToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.ExpiresAt, s.UsedAt = after, after })
		kept[lives.ID()], kept[usedLater.ID()] = purpose.Use(), purpose.Use()
		s.addToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.ExpiresAt = before })
		s.addToken(t, purpose, u, func(s *domain.TokenSnapshot) { s.ExpiresAt, s.UsedAt = after, before })
	}
	total := 0
	for range 10 {
		n, err := s.Repositories.Tokens.DeleteEnded(t.Context(), cut, 3)
		require.NoError(t, err)
		require.LessOrEqual(t, n, 3)
		total += n
	}
	assert.Equal(t, 10, total)
	for id, use := range kept {
		s.token(t, use, id)
	}
}

// F-M6: an unused undo token in its time reserves the address that it leads back to, and
// no other one. A change of password does not end it.
func tokensOpenUndos(t *testing.T, s store) {
	tokens, ctx := s.Repositories.Tokens, t.Context()
	ada, bob := s.addUser(t, "ada@example.com"), s.addUser(t, "bob@example.com")
	at := func(address string, edits ...func(*domain.TokenSnapshot)) *domain.Token {
		return s.addToken(t, domain.MailUndoEmail, ada, append(edits, func(s *domain.TokenSnapshot) { s.Email = address })...)
	}
	open, other := at("former@example.com"), at("former@example.org")
	unarmed := at("former@example.com", func(s *domain.TokenSnapshot) { s.SecretHash = [32]byte{} })
	at("used@example.com", func(s *domain.TokenSnapshot) { s.UsedAt = start })
	s.addToken(t, domain.MailChangeEmail, bob, func(s *domain.TokenSnapshot) { s.Email = "changing@example.com" })
	require.NoError(t, tokens.DeleteByUser(ctx, domain.UseSetPassword, ada.ID()))
	require.NoError(t, tokens.DeleteByUser(ctx, domain.UseConfirmEmail, ada.ID()))

	find := func(now time.Time, addresses ...string) (ids []domain.TokenID) {
		var emails []domain.Email
		for _, address := range addresses {
			emails = append(emails, email(t, address))
		}
		found, err := tokens.OpenUndos(ctx, emails, now)
		require.NoError(t, err)
		for _, token := range found {
			assert.Equal(t, s.token(t, domain.UseUndoEmail, token.ID()).Snapshot(), token.Snapshot())
			ids = append(ids, token.ID())
		}
		return ids
	}
	assert.ElementsMatch(t, []domain.TokenID{open.ID(), unarmed.ID()}, find(start, "former@example.com"))
	all := []string{
		"former@example.com", "former@example.org", "used@example.com", "changing@example.com", "ada@example.com", "unknown@example.com",
		"new-ada@example.com", "forme_@example.com",
	}
	assert.ElementsMatch(t, []domain.TokenID{open.ID(), unarmed.ID(), other.ID()}, find(start, all...))
	assert.Len(t, find(open.ExpiresAt().Add(-time.Microsecond), all...), 3)
	assert.Empty(t, find(open.ExpiresAt(), all...))
	assert.Empty(t, find(start))
	found, err := tokens.OpenUndos(ctx, []domain.Email{{}}, start)
	require.NoError(t, err)
	assert.Empty(t, found)

	require.NoError(t, s.Repositories.Users.Delete(ctx, ada))
	assert.Empty(t, find(start, all...), "a deleted account reserves no address")
}
