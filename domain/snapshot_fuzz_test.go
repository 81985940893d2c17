package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
)

// somewhen draws a time as stores keep it: UTC, whole microseconds, never zero.
func somewhen(t *rapid.T, name string) time.Time {
	return time.UnixMicro(rapid.Int64Range(0, 253402300799999999).Draw(t, name)).UTC()
}

func someBytes(t *rapid.T, name string) (id [16]byte) {
	copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, name))
	id[0] |= 1
	return id
}

func TestRestore_LawHoldsForEveryWellFormedRow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		userLaw(t, domain.UserSnapshot{
			ID:                  someBytes(t, "id"),
			Email:               rapid.StringN(1, -1, -1).Draw(t, "email"),
			PasswordHash:        rapid.String().Draw(t, "hash"),
			Role:                rapid.SampledFrom([]string{"user", "admin", "support", "owner"}).Draw(t, "role"),
			InvitedRole:         rapid.SampledFrom([]string{"", "admin", "support", "owner"}).Draw(t, "invited role"),
			Status:              rapid.SampledFrom([]string{"active", "disabled"}).Draw(t, "status"),
			EmailVerified:       rapid.Bool().Draw(t, "verified"),
			RegistrationPending: rapid.Bool().Draw(t, "pending"),
			ClaimHash:           [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "claim")),
			Contested:           rapid.Bool().Draw(t, "contested"),
			SecondFactor:        rapid.Bool().Draw(t, "second factor"),
			SessionEpoch:        rapid.Int64Min(1).Draw(t, "epoch"),
			Version:             rapid.Int64Min(1).Draw(t, "version"),
			CreatedAt:           somewhen(t, "created"),
			UpdatedAt:           somewhen(t, "updated"),
		})
		session := domain.SessionSnapshot{
			ID:                someBytes(t, "id"),
			UserID:            someBytes(t, "user"),
			Epoch:             rapid.Int64Min(1).Draw(t, "epoch"),
			Generation:        rapid.Int64Min(1).Draw(t, "generation"),
			Seen:              rapid.Bool().Draw(t, "was seen"),
			Methods:           rapid.StringMatching(`[a-z0-9_]+( [a-z0-9_]+)*`).Draw(t, "methods"),
			AuthenticatedAt:   somewhen(t, "authenticated"),
			RotatedAt:         somewhen(t, "rotated"),
			CreatedAt:         somewhen(t, "created"),
			LastSeenAt:        somewhen(t, "seen"),
			ExpiresAt:         somewhen(t, "expires"),
			AbsoluteExpiresAt: somewhen(t, "end"),
			ClientIP:          rapid.String().Draw(t, "ip"),
			UserAgent:         rapid.String().Draw(t, "user agent"),
			Version:           rapid.Int64Min(1).Draw(t, "version"),
		}
		session.Predecessor = rapid.Int64Range(0, session.Generation-1).Draw(t, "predecessor")
		if rapid.Bool().Draw(t, "revoked") {
			session.RevokedAt, session.RevokeReason = somewhen(t, "revoked at"), rapid.StringN(1, -1, -1).Draw(t, "reason")
		}
		sessionLaw(t, session)
		token := domain.TokenSnapshot{
			ID:         someBytes(t, "id"),
			UserID:     someBytes(t, "user"),
			Purpose:    rapid.SampledFrom([]string{"verify_email", "change_email", "reset_password", "invitation"}).Draw(t, "purpose"),
			Email:      rapid.StringN(1, -1, -1).Draw(t, "email"),
			SecretHash: [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash")),
			CreatedAt:  somewhen(t, "created"),
			ExpiresAt:  somewhen(t, "expires"),
			Version:    rapid.Int64Min(1).Draw(t, "version"),
		}
		if token.Purpose == "change_email" {
			token.NewEmail = rapid.StringN(1, -1, -1).Draw(t, "new email")
		}
		if rapid.Bool().Draw(t, "used") {
			token.UsedAt = somewhen(t, "used at")
		}
		tokenLaw(t, token)
		factor := domain.FactorSnapshot{
			ID:        someBytes(t, "id"),
			UserID:    someBytes(t, "user"),
			Name:      rapid.String().Draw(t, "name"),
			KeyID:     rapid.StringN(1, -1, -1).Draw(t, "key"),
			Secret:    string(rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "secret")),
			Algorithm: rapid.SampledFrom([]string{"SHA1", "SHA256", "SHA512"}).Draw(t, "algorithm"),
			Digits:    rapid.IntRange(6, 8).Draw(t, "digits"),
			Period:    time.Duration(rapid.IntRange(1, 120).Draw(t, "period")) * time.Second,
			LastStep:  rapid.Int64Min(-1).Draw(t, "step"),
			CreatedAt: somewhen(t, "created"),
			Version:   rapid.Int64Min(1).Draw(t, "version"),
		}
		if rapid.Bool().Draw(t, "confirmed") {
			factor.ConfirmedAt, factor.LastUsedAt = somewhen(t, "confirmed at"), somewhen(t, "used at")
		}
		factorLaw(t, factor)
	})
}

// storedTime reads a fuzzed number as a time; zero is the zero time.
func storedTime(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func FuzzRestoreUser(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), "alice@example.com", "hash", "user", "active", true, int64(1), int64(1), int64(1), int64(2))
	f.Add([]byte{}, "", "", "", "", false, int64(0), int64(-1), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, id []byte, address, hash, role, status string, verified bool, epoch, version, created, updated int64) {
		s := domain.UserSnapshot{
			Email: address, PasswordHash: hash, Role: role, Status: status, EmailVerified: verified,
			SessionEpoch: epoch, Version: version, CreatedAt: storedTime(created), UpdatedAt: storedTime(updated),
		}
		copy(s.ID[:], id)
		restored(t, domain.RestoreUser, (*domain.User).Snapshot, s)
	})
}

func FuzzRestoreSession(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("fedcba9876543210"), int64(1), int64(1), int64(1), int64(2), int64(3), int64(4), int64(5), int64(0), "", "192.0.2.7", "Browser/1.0", int64(1), "pwd", int64(1), int64(0), false)
	f.Add([]byte{1}, []byte{2}, int64(1), int64(9), int64(1), int64(2), int64(3), int64(4), int64(5), int64(6), "logout", "", "\xff", int64(7), "", int64(0), int64(9), true)
	f.Fuzz(func(t *testing.T, id, user []byte, epoch, generation, rotated, created, seen, expires, end, revoked int64, reason, ip, agent string, version int64, methods string, authenticated, predecessor int64, used bool) {
		s := domain.SessionSnapshot{
			Epoch: epoch, Generation: generation, RotatedAt: storedTime(rotated), CreatedAt: storedTime(created),
			LastSeenAt: storedTime(seen), ExpiresAt: storedTime(expires), AbsoluteExpiresAt: storedTime(end),
			RevokedAt: storedTime(revoked), RevokeReason: reason, ClientIP: ip, UserAgent: agent, Version: version,
			Methods: methods, AuthenticatedAt: storedTime(authenticated), Predecessor: predecessor, Seen: used,
		}
		copy(s.ID[:], id)
		copy(s.UserID[:], user)
		restored(t, domain.RestoreSession, (*domain.Session).Snapshot, s)
	})
}

func FuzzRestoreToken(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("fedcba9876543210"), "verify_email", "alice@example.com", "", []byte("hash"), int64(1), int64(2), int64(0), int64(1))
	f.Add([]byte{1}, []byte{2}, "change_email", "a@example.com", "b@example.com", []byte{}, int64(1), int64(2), int64(3), int64(1))
	f.Fuzz(func(t *testing.T, id, user []byte, purpose, address, newAddress string, hash []byte, created, expires, used, version int64) {
		s := domain.TokenSnapshot{
			Purpose: purpose, Email: address, NewEmail: newAddress, CreatedAt: storedTime(created),
			ExpiresAt: storedTime(expires), UsedAt: storedTime(used), Version: version,
		}
		copy(s.ID[:], id)
		copy(s.UserID[:], user)
		copy(s.SecretHash[:], hash)
		restored(t, domain.RestoreToken, (*domain.Token).Snapshot, s)
	})
}

func FuzzRestoreFactor(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), []byte("fedcba9876543210"), "Phone", "k1", []byte("sealed"), "SHA1", 6, int64(30), int64(-1), int64(1), int64(0), int64(0), int64(1))
	f.Add([]byte{1}, []byte{2}, "", "k2", []byte{0xff}, "SHA512", 8, int64(120), int64(59), int64(1), int64(2), int64(3), int64(7))
	f.Fuzz(func(t *testing.T, id, user []byte, name, key string, secret []byte, algorithm string, digits int, period, step, created, confirmed, used, version int64) {
		s := domain.FactorSnapshot{
			Name: name, KeyID: key, Secret: string(secret), Algorithm: algorithm, Digits: digits, Period: time.Duration(period) * time.Second,
			LastStep: step, CreatedAt: storedTime(created), ConfirmedAt: storedTime(confirmed), LastUsedAt: storedTime(used), Version: version,
		}
		copy(s.ID[:], id)
		copy(s.UserID[:], user)
		restored(t, domain.RestoreFactor, (*domain.Factor).Snapshot, s)
	})
}
