package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

var factorID = domain.FactorID{5}

// newFactor returns a factor of Alice that waits for its first code since start.
func newFactor() *domain.Factor {
	return domain.NewFactor(factorID, aliceID, "Phone", "k1", "sealed", start)
}

// codeAt returns the code that the device of newFactor shows.
func codeAt(at time.Time) domain.Secret {
	totp := domain.NewTOTP()
	return domain.NewSecret(totp.Code(hotpSecret, totp.Step(at)))
}

// confirmedFactor returns a factor that was confirmed at start.
func confirmedFactor(t testing.TB) *domain.Factor {
	t.Helper()
	f := newFactor()
	require.NoError(t, f.Confirm(hotpSecret, codeAt(start), start))
	return f
}

func TestNewFactor_WaitsForItsFirstCode(t *testing.T) {
	t.Parallel()
	f := newFactor()
	assert.Equal(t, domain.FactorSnapshot{
		ID: factorID, UserID: aliceID, Name: "Phone", KeyID: "k1", Secret: "sealed",
		Algorithm: "SHA1", Digits: 6, Period: 30 * time.Second, LastStep: -1, CreatedAt: start, Version: 1,
	}, f.Snapshot())
	assert.Equal(t, factorID, f.ID())
	assert.Equal(t, aliceID, f.UserID())
	assert.Equal(t, "Phone", f.Name())
	assert.Equal(t, domain.NewTOTP(), f.TOTP())
	assert.Equal(t, start, f.CreatedAt())
	assert.Zero(t, f.LastUsedAt())
	key, box := f.Sealed()
	assert.Equal(t, []string{"k1", "sealed"}, []string{key, box})
	assert.False(t, f.IsConfirmed())
	assert.True(t, f.IsPending(start))
	assert.True(t, f.IsPending(start.Add(domain.FactorPendingLife-time.Microsecond)))
	assert.False(t, f.IsPending(start.Add(domain.FactorPendingLife)))
	assert.Equal(t, "user_factors/05000000-0000-0000-0000-000000000000", domain.FactorContext(f.ID()))
}

func TestFactor_ConfirmInTime(t *testing.T) {
	t.Parallel()
	f, at := newFactor(), start.Add(domain.FactorPendingLife-time.Microsecond)
	require.NoError(t, f.Confirm(hotpSecret, codeAt(at), at))
	assert.True(t, f.IsConfirmed())
	assert.False(t, f.IsPending(at))
	want := newFactor().Snapshot()
	want.ConfirmedAt, want.LastStep = at, domain.NewTOTP().Step(at)
	assert.Equal(t, want, f.Snapshot(), "it was confirmed, not used")
}

func TestFactor_ConfirmRefusesLateAndWrongCodesAndFurtherOnes(t *testing.T) {
	t.Parallel()
	f, late := newFactor(), start.Add(domain.FactorPendingLife)
	require.ErrorIs(t, f.Confirm(hotpSecret, codeAt(late), late), domain.ErrFactorNotFound)
	require.ErrorIs(t, f.Confirm(hotpSecret, domain.NewSecret("000000"), start), domain.ErrWrongCode)
	require.ErrorIs(t, f.Confirm([]byte("another secret"), codeAt(start), start), domain.ErrWrongCode)
	require.ErrorIs(t, f.Use(hotpSecret, codeAt(start), start), domain.ErrWrongCode, "an unconfirmed factor does not count")
	assert.Equal(t, newFactor().Snapshot(), f.Snapshot(), "a refusal changes nothing")

	f = confirmedFactor(t)
	at := start.Add(time.Minute)
	want := f.Snapshot()
	require.ErrorIs(t, f.Confirm(hotpSecret, codeAt(at), at), domain.ErrFactorNotFound)
	assert.Equal(t, want, f.Snapshot())
}

func TestFactor_UseAcceptsEachCodeOnce(t *testing.T) {
	t.Parallel()
	f := confirmedFactor(t)
	require.ErrorIs(t, f.Use(hotpSecret, codeAt(start), start), domain.ErrWrongCode, "the code that confirmed it is spent")
	at := start.Add(time.Minute)
	require.NoError(t, f.Use(hotpSecret, codeAt(at), at))
	assert.Equal(t, at, f.LastUsedAt())
	want := f.Snapshot()
	for _, replayed := range []time.Time{at, at.Add(20 * time.Second), at.Add(30 * time.Second)} {
		require.ErrorIs(t, f.Use(hotpSecret, codeAt(at), replayed), domain.ErrWrongCode)
	}
	assert.Equal(t, want, f.Snapshot())
}

func TestFactor_UseAllowsOneStepOfLeewayBothWays(t *testing.T) {
	t.Parallel()
	const step = 30 * time.Second
	now := start.Add(time.Hour)
	for off, want := range map[time.Duration]error{-2 * step: domain.ErrWrongCode, -step: nil, 0: nil, step: nil, 2 * step: domain.ErrWrongCode} {
		f := confirmedFactor(t)
		err := f.Use(hotpSecret, codeAt(now.Add(off)), now)
		require.ErrorIs(t, err, want, "%s off", off)
		if want == nil {
			assert.Equal(t, domain.NewTOTP().Step(now.Add(off)), f.Snapshot().LastStep)
		}
	}
}

func TestFactor_UseAcceptsNoEarlierStepAfterALaterOne(t *testing.T) {
	t.Parallel()
	const step = 30 * time.Second
	f, now := confirmedFactor(t), start.Add(time.Hour)
	require.NoError(t, f.Use(hotpSecret, codeAt(now.Add(step)), now), "the device is ahead")
	for _, earlier := range []time.Duration{-step, 0, step} {
		require.ErrorIs(t, f.Use(hotpSecret, codeAt(now.Add(earlier)), now), domain.ErrWrongCode)
	}
	require.ErrorIs(t, f.Use(hotpSecret, codeAt(now.Add(step)), now.Add(step)), domain.ErrWrongCode)
	require.NoError(t, f.Use(hotpSecret, codeAt(now.Add(2*step)), now.Add(step)))
}

func TestFactor_ResealKeepsEverythingElse(t *testing.T) {
	t.Parallel()
	f := confirmedFactor(t)
	want := f.Snapshot()
	f.Reseal("k2", "another box")
	want.KeyID, want.Secret = "k2", "another box"
	assert.Equal(t, want, f.Snapshot())
}

// Codes of two devices are one factor; a code and a password are two.
func TestFactor_ProofsOfTwoDevicesAreOneFactor(t *testing.T) {
	t.Parallel()
	other := domain.NewFactor(domain.FactorID{6}, aliceID, "Tablet", "k1", "sealed", start)
	one, two := newFactor().Proof(start), other.Proof(start)
	assert.Equal(t, 1, domain.Proofs{one, two}.Factors())
	both := domain.Proofs{domain.ProofByPassword(start), one}
	assert.Equal(t, 2, both.Factors())
	assert.Equal(t, []domain.Method{domain.MethodPassword, domain.MethodOneTimeCode, domain.MethodMultiFactor}, both.Methods())
	byRecovery := domain.Proofs{domain.ProofByPassword(start), domain.ProofByRecoveryCode(start)}
	assert.Equal(t, 2, byRecovery.Factors())
	assert.Equal(t, []domain.Method{domain.MethodPassword, domain.MethodRecoveryCode, domain.MethodMultiFactor}, byRecovery.Methods())
}

func TestParseFactorName_CutsAndRefuses(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("é", 64)
	for text, want := range map[string]string{"": "Authenticator", " \t\n": "Authenticator", " My phone ": "My phone", "📱 Löwe's": "📱 Löwe's", longest: longest} {
		name, err := domain.ParseFactorName(text, "Authenticator")
		require.NoError(t, err, "%q", text)
		assert.Equal(t, want, name)
	}
	for _, text := range []string{longest + "é", "a\x00b", "a\nb", "a\u202eb", "a\u200bb", "a\xffb"} {
		_, err := domain.ParseFactorName(text, "Authenticator")
		require.ErrorIs(t, err, domain.ErrInvalidParameter, "%q", text)
		var refusal *domain.Error
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, "name", refusal.Field)
	}
}

func TestRestoreFactor_RefusesBrokenRows(t *testing.T) {
	t.Parallel()
	for reason, breakIt := range map[string]func(*domain.FactorSnapshot){
		"no id":                     func(s *domain.FactorSnapshot) { s.ID = domain.FactorID{} },
		"no user":                   func(s *domain.FactorSnapshot) { s.UserID = domain.UserID{} },
		"no secret":                 func(s *domain.FactorSnapshot) { s.Secret = "" },
		"no secret ":                func(s *domain.FactorSnapshot) { s.KeyID = "" },
		"parameters out of bounds":  func(s *domain.FactorSnapshot) { s.Algorithm = "MD5" },
		"parameters out of bounds ": func(s *domain.FactorSnapshot) { s.Period = 0 },
		"parameters out of":         func(s *domain.FactorSnapshot) { s.Digits = 10 },
		"step below -1":             func(s *domain.FactorSnapshot) { s.LastStep = -2 },
		"no time":                   func(s *domain.FactorSnapshot) { s.CreatedAt = time.Time{} },
		"version below 1":           func(s *domain.FactorSnapshot) { s.Version = 0 },
	} {
		s := confirmedFactor(t).Snapshot()
		breakIt(&s)
		_, err := domain.RestoreFactor(s)
		require.ErrorContains(t, err, strings.TrimSpace(reason))
		requireInternal(t, err)
		assert.NotContains(t, err.Error(), "sealed", "an error never repeats what is stored")
	}
}

func TestKeepSecondFactor_ChangesTheMarkOnly(t *testing.T) {
	t.Parallel()
	u := newAlice(t)
	assert.False(t, u.HasSecondFactor())
	want := u.Snapshot()
	u.KeepSecondFactor(true, later)
	want.SecondFactor, want.UpdatedAt = true, later
	assert.Equal(t, want, u.Snapshot())
	assert.True(t, u.HasSecondFactor())
	u.KeepSecondFactor(false, later)
	assert.False(t, u.HasSecondFactor())
}
