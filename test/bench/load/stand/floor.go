package stand

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/test/bench/load/generate"
)

// Floor makes a floor with a database of its own and a number of users of each kind.
func (s *Stand) Floor(ctx context.Context, sessions, accounts int) (*Target, error) {
	databaseURL, err := s.newDatabase(ctx)
	if err != nil {
		return nil, err
	}
	t := &Target{
		Name: "floor", Requests: floorRequests(), Sessions: Users("session", sessions), Accounts: Users("account", accounts),
		health: "/health", database: s.pid, log: filepath.Join(s.folder, "floor.log"),
	}
	t.command = func(address string) *exec.Cmd {
		cmd := exec.Command(s.program("floor"), "-address", address, "-database", databaseURL)
		cmd.Env = []string{}
		return cmd
	}
	if _, err := t.Start(ctx); err != nil { // it makes the tables
		return nil, err
	}
	if err := fillFloor(ctx, databaseURL, t); err != nil {
		return nil, err
	}
	if err := t.login(); err != nil {
		return nil, err
	}
	if err := t.Stop(); err != nil {
		return nil, err
	}
	return t, nil
}

// fillFloor stores the users. As in the service, those with sessions have a password of a
// low cost.
func fillFloor(ctx context.Context, databaseURL string, t *Target) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // what counts are the statements
	for _, group := range []struct {
		users []generate.User
		cost  int
	}{{t.Sessions, passwords.MinCost}, {t.Accounts, passwords.DefaultCost}} {
		hash, err := bcrypt.GenerateFromPassword([]byte(Password), group.cost)
		if err != nil {
			return err
		}
		for _, user := range group.users {
			if _, err := conn.Exec(ctx, `INSERT INTO users (id, email, password_hash) VALUES (gen_random_uuid(), $1, $2)`, user["email"], string(hash)); err != nil {
				return fmt.Errorf("storing a user of the floor: %w", err)
			}
		}
	}
	return nil
}

func floorRequests() map[string]generate.Request {
	const credentials = `{"email":"{{email}}","password":"{{password}}"}`
	tokens := map[string]string{"access_token": "access_token", "refresh_token": "refresh_token"}
	check := generate.Request{
		Method: http.MethodGet, Path: "/me", Header: map[string]string{"Authorization": "Bearer {{access_token}}"},
		Want: []int{http.StatusOK}, Contains: `"{{email}}"`,
	}
	return map[string]generate.Request{
		"check":        check,
		"forward-auth": check, // it has no other one, and the least work of both is the same
		"login":        {Method: http.MethodPost, Path: "/login", Body: credentials, Want: []int{http.StatusOK}, Take: tokens},
		"refresh":      {Method: http.MethodPost, Path: "/refresh", Body: `{"refresh_token":"{{refresh_token}}"}`, Want: []int{http.StatusOK}, Take: tokens},
		"register":     {Method: http.MethodPost, Path: "/register", Body: credentials, Want: []int{http.StatusCreated}},
	}
}
