package passwords

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const (
	argonOfNobody = "$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"
	rightPassword = "correct horse"
)

// countRounds makes h count the rounds of bcrypt.
func countRounds(t *testing.T, h *Hasher) *atomic.Int64 {
	t.Helper()
	var rounds atomic.Int64
	h.compare = func(hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		assert.NoError(t, err)
		err = bcrypt.CompareHashAndPassword(hash, password)
		if err == nil || assert.ErrorIs(t, err, bcrypt.ErrMismatchedHashAndPassword, "the hash was not fully computed") {
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

// The time of an answer does not reveal that an account exists, whatever hash is
// stored: not after a raise of BCRYPT_COST, and not for hashes of other software.
func TestVerify_CostsAsManyRoundsForEveryStoredHash(t *testing.T) {
	t.Parallel()
	const cost = 6
	h := hasherOfCost(t, cost)
	rounds := countRounds(t, h)
	stored := map[string]string{
		"no account": "", "no password": "!",
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
			_, err := reserved(t, h).Verify(t.Context(), domain.NewPasswordHash(encoded), domain.NewSecret(password))
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

// busyArgon returns a hasher of two workers while another argon2 hash is checked, until
// release is called.
func busyArgon(t *testing.T, queue int) (h *Hasher, release func()) {
	t.Helper()
	h, err := New(Options{Cost: bcrypt.MinCost, AllowLowCost: true, Workers: 2, Queue: queue})
	require.NoError(t, err)
	t.Cleanup(h.Close)
	release, err = h.argon.take(t.Context())
	require.NoError(t, err)
	t.Cleanup(release)
	return h, release
}

// reserved returns a place, which the test releases at its end.
func reserved(t testing.TB, h *Hasher) ports.HashPlace {
	t.Helper()
	p, err := h.Reserve(context.WithoutCancel(t.Context()), ports.Reservation{})
	require.NoError(t, err)
	t.Cleanup(p.Release)
	return p
}

// verifyArgon checks n argon2 hashes in the background, and returns once they wait.
func verifyArgon(ctx context.Context, t *testing.T, h *Hasher, n int64) chan error {
	t.Helper()
	answers := make(chan error, n)
	for range n {
		place := reserved(t, h)
		go func() {
			_, err := place.Verify(ctx, domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
			answers <- err
		}()
	}
	require.Eventually(t, func() bool { return h.argon.waiting.Load() == n }, time.Minute, time.Millisecond)
	return answers
}

// F-L9: argon2 hashes that wait for their turn hold no worker. With one on every
// worker, no other password would be checked.
func TestVerify_OtherHashesAreCheckedWhileArgon2HashesWait(t *testing.T) {
	t.Parallel()
	h, release := busyArgon(t, 8)
	answers := verifyArgon(t.Context(), t, h, 6)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	hash, err := reserved(t, h).Hash(ctx, domain.NewSecret(rightPassword))
	require.NoError(t, err)
	match, err := reserved(t, h).Verify(ctx, hash, domain.NewSecret(rightPassword))
	require.NoError(t, err)
	assert.True(t, match.Matches)
	assert.Empty(t, answers, "they still wait")
	assert.Zero(t, h.Stats().Waiting)
	release()
	for range 6 {
		require.NoError(t, <-answers)
	}
	assert.Empty(t, h.argon.taken)
}

// Each check takes up to 128 MiB, and its lanes do not have low priority.
func TestVerify_ChecksOneArgon2idHashAtATime(t *testing.T) {
	t.Parallel()
	h, release := busyArgon(t, 8)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answer := verifyArgon(ctx, t, h, 1)
	cancel()
	require.ErrorIs(t, <-answer, context.Canceled, "the wait ends with the request")
	_, err := h.argon.take(ctx)
	require.ErrorIs(t, err, context.Canceled, "and no turn is taken")

	release()
	match, err := reserved(t, h).Verify(t.Context(), domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
	require.NoError(t, err)
	assert.False(t, match.Matches)
	assert.Empty(t, h.argon.taken, "a finished check makes room for the next")
}

// F-L9: as many argon2 hashes wait as the queue has places; more are refused at once.
func TestVerify_RefusesArgon2HashesBeyondItsQueue(t *testing.T) {
	t.Parallel()
	h, release := busyArgon(t, 2)
	answers := verifyArgon(t.Context(), t, h, 2)
	_, err := reserved(t, h).Verify(t.Context(), domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
	require.ErrorIs(t, err, domain.ErrOverloaded)
	assert.Equal(t, Refusals{Memory: 1}, h.Stats().Refused)
	release()
	require.NoError(t, <-answers)
	require.NoError(t, <-answers)
}

// Only as many argon2 hashes wait as get their turn in time, so that who waits is answered.
func TestVerify_RefusesArgon2HashesThatWouldComeTooLate(t *testing.T) {
	t.Parallel()
	h, _ := busyArgon(t, 8)
	h.argon.length.Store(int64(patience / 2))
	verifyArgon(t.Context(), t, h, 2)
	_, err := reserved(t, h).Verify(t.Context(), domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
	require.ErrorIs(t, err, domain.ErrOverloaded)
	assert.Equal(t, Refusals{Memory: 1}, h.Stats().Refused)
}

// F-L9: a check that never runs gives its turn back, however it ends.
func TestVerify_AnArgon2CheckThatDoesNotRunGivesItsTurnBack(t *testing.T) {
	t.Parallel()
	p, release := busyPool(t, 1, 1)
	h := &Hasher{cost: bcrypt.MinCost, pool: p, compare: bcrypt.CompareHashAndPassword, argon: newTurns(1), memory: argonMemory(0)}
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	one, another := reserved(t, h), &place{h: h, left: 1}
	go func() {
		_, err := one.Verify(ctx, domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
		answer <- err
	}()
	require.Eventually(t, func() bool { return len(p.jobs) == 1 }, time.Minute, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-answer, context.Canceled)
	assert.Len(t, h.argon.taken, 1, "its job is still in the queue")
	release()
	require.Eventually(t, func() bool { return len(h.argon.taken) == 0 }, time.Minute, time.Millisecond, "the worker skipped it")

	p.close()
	_, err := another.Verify(t.Context(), domain.NewPasswordHash(argonOfNobody), domain.NewSecret("x"))
	require.ErrorIs(t, err, domain.ErrUnavailable)
	assert.Empty(t, h.argon.taken)
}

func TestArgon2id_AdmitsTheUsualParametersUpToItsLimits(t *testing.T) {
	t.Parallel()
	for _, parameters := range []string{"m=65536,t=3,p=4", "m=65536,t=4,p=1", "m=102400,t=2,p=8", "m=19456,t=2,p=1", "m=131072,t=4,p=16"} {
		_, ok := parseArgon2(strings.Replace(argonOfNobody, "m=64,t=1,p=1", parameters, 1))
		assert.True(t, ok, parameters)
	}
}

// A check may use the process's memory beyond 64 MiB, at most 128 MiB. A hash
// that needs more is not computed. Its answer is like that of any other hash, and
// its owner resets the password.
func TestArgon2id_NeedsTheMemoryOfTheProcess(t *testing.T) {
	t.Parallel()
	const MiB = 1 << 20
	for limit, want := range map[int64]uint32{
		0: 128, -1: 128, 1 << 62: 128, 192 * MiB: 128, 191 * MiB: 127, 128 * MiB: 64, 65 * MiB: 1, 64 * MiB: 0, MiB: 0,
	} {
		assert.Equal(t, want*1024, argonMemory(limit), limit)
	}

	const right = "$argon2id$v=19$m=7168,t=5,p=1$RJ0aLMQ2qKbZuROs7qQhcA$BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A"
	encoded := domain.NewPasswordHash(right)
	for limit, fits := range map[int64]bool{71 * MiB: true, 71*MiB - 1024: false, 32 * MiB: false} {
		h, err := New(Options{Cost: bcrypt.MinCost, AllowLowCost: true, Workers: 1, Memory: limit})
		require.NoError(t, err)
		t.Cleanup(h.Close)
		match, err := reserved(t, h).Verify(t.Context(), encoded, domain.NewSecret("iceberg"))
		require.NoError(t, err)
		assert.Equal(t, fits, match.Matches, limit)
		if fits {
			require.NoError(t, h.CanVerify(encoded))
			continue
		}
		rounds := countRounds(t, h)
		_, err = reserved(t, h).Verify(t.Context(), encoded, domain.NewSecret("iceberg"))
		require.NoError(t, err)
		assert.EqualValues(t, 1<<bcrypt.MinCost, rounds.Load())
		err = h.CanVerify(encoded)
		var refusal *ports.HashRefusal
		require.ErrorAs(t, err, &refusal)
		assert.False(t, refusal.Unsupported, "a process with more memory can check it")
		assert.Regexp(t, `^The argon2 hash needs 7168 KiB of memory, and a check may use \d+ KiB in this process: `+
			`its memory limit less 64 MiB\.$`, refusal.Detail)
	}
}
