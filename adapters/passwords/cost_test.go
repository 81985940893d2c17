package passwords

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/domain"
)

const (
	argonOfNobody = "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"
	rightPassword = "correct horse"
)

// countRounds makes h count the rounds of bcrypt in place of its time.
func countRounds(t *testing.T, h *Hasher) *atomic.Int64 {
	t.Helper()
	var rounds atomic.Int64
	h.compare = func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		assert.NoError(t, err)
		err = bcrypt.CompareHashAndPassword(hash, password)
		if err == nil || assert.ErrorIs(t, err, bcrypt.ErrMismatchedHashAndPassword, "not computed to the end") {
			rounds.Add(1 << cost)
		}
		return err
	}
	return &rounds
}

func hasherOfCost(t *testing.T, cost int) *Hasher {
	t.Helper()
	h, err := New(Options{Cost: cost, AllowLowCost: true, Workers: 1})
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

// Whatever is stored, the time of an answer does not tell that an account exists:
// not after BCRYPT_COST was raised, and not for hashes of other software.
func TestVerify_CostsAsManyRoundsForEveryStoredHash(t *testing.T) {
	t.Parallel()
	const cost = 6
	h := hasherOfCost(t, cost)
	rounds := countRounds(t, h)
	stored := map[string]string{
		"no account": "", "no password": "!", "argon2id": argonOfNobody,
		"bcrypt of another alphabet": "$2b$05$" + strings.Repeat("!", 53),
		"bcrypt without separator":   "$2b$05." + strings.Repeat(".", 53),
	}
	for own := bcrypt.MinCost; own <= cost; own++ {
		salted, err := encode(rightPassword, own)
		require.NoError(t, err)
		plain, err := bcrypt.GenerateFromPassword([]byte(rightPassword), own)
		require.NoError(t, err)
		stored[salted[len(salted)-bcryptSize:]+" salted"] = salted
		for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
			stored[prefix+string(plain[4:])] = prefix + string(plain[4:])
		}
	}
	for name, encoded := range stored {
		for _, password := range []string{rightPassword, "wrong", "", "nul\x00", strings.Repeat("long", 100)} {
			rounds.Store(0)
			_, err := h.Verify(t.Context(), domain.NewPasswordHash(encoded), domain.NewSecret(password))
			require.NoError(t, err)
			assert.EqualValues(t, 1<<cost, rounds.Load(), "%s: %q", name, password)
		}
	}
}

func TestDummy_IsABcryptHashOfEveryCost(t *testing.T) {
	t.Parallel()
	for cost := bcrypt.MinCost; cost <= MaxCost; cost++ {
		plain, ok := parseBcrypt(dummyBcrypt(cost))
		require.True(t, ok)
		assert.Equal(t, cost, plain.cost)
	}
}

// Each check takes up to 128 MiB, and its lanes are not of low priority.
func TestVerify_ChecksOneArgon2idHashAtATime(t *testing.T) {
	t.Parallel()
	h := hasherOfCost(t, bcrypt.MinCost)
	started := make(chan struct{}, 1)
	h.compare = func(_, _ []byte) error { started <- struct{}{}; return bcrypt.ErrMismatchedHashAndPassword }
	h.argon <- struct{}{} // another check
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answer := make(chan error, 1)
	go func() {
		_, err := h.Verify(ctx, domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
		answer <- err
	}()
	<-started
	cancel()
	require.ErrorIs(t, <-answer, context.Canceled, "waiting ends with the request")
	_, err := h.checkArgon2(ctx, argonHash{}, "x")
	require.ErrorIs(t, err, context.Canceled, "and frees the worker")

	<-h.argon
	match, err := h.Verify(t.Context(), domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
	require.NoError(t, err)
	assert.False(t, match.Matches)
	assert.Empty(t, h.argon, "a check makes room for the next")
}

func TestArgon2id_AdmitsTheUsualParametersUpToItsLimits(t *testing.T) {
	t.Parallel()
	for _, parameters := range []string{"m=65536,t=3,p=4", "m=65536,t=4,p=1", "m=102400,t=2,p=8", "m=19456,t=2,p=1", "m=131072,t=4,p=16"} {
		_, ok := parseArgon2(strings.Replace(argonOfNobody, "m=64,t=1,p=1", parameters, 1))
		assert.True(t, ok, parameters)
	}
}
