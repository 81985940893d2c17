package stand

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
)

// Password is the password of all users.
const Password = "9 grey herons on the weir"

// Options say how a service differs from one with the default configuration, without
// limits, on PostgreSQL.
type Options struct {
	Sessions, Accounts int // users in its database
	SQLite             bool
	Limits             bool // the default limits
	// Env are more settings, by the names of their variables.
	Env map[string]string
	// Quota limits its processor time, unless nil.
	Quota *Quota
}

// Service makes a service with a database of its own. Errors: those of its commands.
//
// Users come in by the command import. Those with sessions have a password of the lowest
// cost, and a service of that cost signs them in, because their logins are no part of any
// measurement.
func (s *Stand) Service(ctx context.Context, o Options) (*Target, error) {
	t := &Target{
		Name: "ours", Requests: Requests(), Sessions: Users("session", o.Sessions), Accounts: Users("account", o.Accounts),
		health: "/readyz", metrics: "/metrics", log: filepath.Join(s.folder, "service.log"), mails: s.mails,
	}
	var databaseURL string
	if o.SQLite {
		s.count++
		databaseURL = fmt.Sprintf("sqlite://%s/bench_%d.db", s.folder, s.count)
	} else {
		var err error
		if databaseURL, err = s.newDatabase(ctx); err != nil {
			return nil, err
		}
		t.database = s.pid
	}
	env := s.environment(databaseURL)
	seeding := withoutLimits(env)
	seeding["BCRYPT_COST"] = strconv.Itoa(passwords.MinCost)
	if err := s.seed(ctx, t, seeding); err != nil {
		return nil, err
	}
	if !o.Limits {
		env = withoutLimits(env)
	}
	maps.Copy(env, o.Env)
	t.command = func(address string) *exec.Cmd {
		cmd := o.Quota.command(s.program("auth-service"))
		cmd.Dir, cmd.Env = s.folder, list(env, address)
		return cmd
	}
	return t, nil
}

// environment returns the settings that a service on PostgreSQL needs, the one that
// measurements need because no user confirms an address, and no other one.
func (s *Stand) environment(databaseURL string) map[string]string {
	host, port, _ := strings.Cut(s.mails.address(), ":")
	return map[string]string{
		"DATABASE_URL": databaseURL, "JWT_SECRET_KEY": s.key, "PUBLIC_URL": "http://auth.example.com", "LOG_FORMAT": "json",
		"SMTP_HOST": host, "SMTP_PORT": port, "SMTP_TLS": "none", "SMTP_FROM": "auth@example.com",
		"EMAIL_VERIFICATION_REQUIRED": "false",
	}
}

// withoutLimits returns a copy of the settings without rate limits.
func withoutLimits(env map[string]string) map[string]string {
	env = maps.Clone(env)
	for _, limit := range ports.Limits() {
		env["RATE_LIMIT_"+strings.ToUpper(string(limit))] = "off"
	}
	return env
}

func list(env map[string]string, address string) []string {
	all := []string{"HTTP_ADDR=" + address}
	for name, value := range env {
		all = append(all, name+"="+value)
	}
	return all
}

// seed fills the database of a service: the schema, the users, their sessions.
func (s *Stand) seed(ctx context.Context, t *Target, env map[string]string) error {
	file := filepath.Join(s.folder, "users.csv")
	if err := s.writeUsers(ctx, file, t); err != nil {
		return err
	}
	for _, args := range [][]string{{"migrate", "up"}, {"import", file}} {
		cmd := exec.CommandContext(ctx, s.program("auth-service"), args...)
		cmd.Dir, cmd.Env = s.folder, list(env, "127.0.0.1:0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("auth-service %s: %w\n%s", args[0], err, out)
		}
	}
	t.command = func(address string) *exec.Cmd {
		cmd := exec.Command(s.program("auth-service"))
		cmd.Dir, cmd.Env = s.folder, list(env, address)
		return cmd
	}
	if _, err := t.Start(ctx); err != nil {
		return err
	}
	if err := t.login(); err != nil {
		return err
	}
	return t.Stop()
}

// writeUsers writes the file that the command import reads.
func (s *Stand) writeUsers(ctx context.Context, file string, t *Target) error {
	rows := [][]string{{"email", "password_hash", "email_verified"}}
	for _, group := range []struct {
		users []generate.User
		cost  int
	}{{t.Sessions, passwords.MinCost}, {t.Accounts, passwords.DefaultCost}} {
		hash, err := s.hash(ctx, group.cost)
		if err != nil {
			return err
		}
		for _, user := range group.users {
			rows = append(rows, []string{user["email"], hash, "true"})
		}
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close() //nolint:errcheck // WriteAll reports what was not written
	return csv.NewWriter(out).WriteAll(rows)
}

// hash returns a hash of Password, made once for each cost.
func (s *Stand) hash(ctx context.Context, cost int) (string, error) {
	if s.hashes[cost] == "" {
		hasher, err := passwords.New(passwords.Options{Cost: cost, Workers: 1})
		if err != nil {
			return "", err
		}
		defer hasher.Close()
		place, err := hasher.Reserve(ctx, ports.Reservation{})
		if err != nil {
			return "", err
		}
		defer place.Release()
		hash, err := place.Hash(ctx, domain.NewSecret(Password))
		if err != nil {
			return "", err
		}
		s.hashes[cost] = hash.Encoded()
	}
	return s.hashes[cost], nil
}

// Users invents users. Each has an address of its own, for requests that name it.
func Users(kind string, n int) []generate.User {
	users := make([]generate.User, n)
	for i := range users {
		users[i] = generate.User{
			"email":    fmt.Sprintf("%s-%d@example.com", kind, i),
			"password": Password,
			"address":  fmt.Sprintf("198.18.%d.%d", i/256, i%256), // RFC 2544, for benchmarks
		}
	}
	return users
}

// Requests are the operations of the service that are measured.
func Requests() map[string]generate.Request {
	const credentials = `{"email":"{{email}}","password":"{{password}}"}`
	post := func(path, body string, want ...int) generate.Request {
		return generate.Request{Method: http.MethodPost, Path: "/api/auth" + path, Body: body, Want: want, Header: map[string]string{}}
	}
	bearer := map[string]string{"Authorization": "Bearer {{access_token}}"}
	tokens := map[string]string{"access_token": "access_token", "refresh_token": "refresh_token"}
	login, refresh := post("/login", credentials, http.StatusOK), post("/refresh", `{"refresh_token":"{{refresh_token}}"}`, http.StatusOK)
	login.Take, refresh.Take = tokens, tokens
	return map[string]generate.Request{
		"check":          {Method: http.MethodGet, Path: "/api/auth/me", Header: bearer, Want: []int{http.StatusOK}, Contains: `"{{email}}"`},
		"forward-auth":   {Method: http.MethodGet, Path: "/api/auth/forward-auth", Header: bearer, Want: []int{http.StatusNoContent}},
		"login":          login,
		"refresh":        refresh,
		"register":       post("/email/register", credentials, http.StatusCreated, http.StatusAccepted),
		"reset-request":  post("/password/reset/request", `{"email":"{{email}}"}`, http.StatusAccepted),
		"verify-request": post("/email/verify/request", `{"email":"{{email}}"}`, http.StatusAccepted),
		"reset-confirm":  post("/password/reset/confirm", `{"token":"{{token}}","new_password":"{{password}} again"}`, http.StatusOK),
	}
}

// ResetTokens asks for a mail to choose a new password for each Account, and stores the
// tokens of the mails in the users as "token". Errors: mails that do not arrive.
func (t *Target) ResetTokens() error {
	t.mails.forget()
	if err := generate.Each(t.Base, t.Requests["reset-request"], t.Accounts, 4, seedTimeout); err != nil {
		return err
	}
	missing := func(user generate.User) bool {
		token, ok := t.mails.token(user["email"])
		user["token"] = token
		return !ok
	}
	for deadline := time.Now().Add(readyTimeout); slices.ContainsFunc(t.Accounts, missing); {
		if time.Now().After(deadline) {
			return fmt.Errorf("not every mail arrived within %s", readyTimeout)
		}
		time.Sleep(100 * time.Millisecond) // poll
	}
	return nil
}
