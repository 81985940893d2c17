package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// uniqueViolation is the code by which PostgreSQL refuses a second row of one key.
const uniqueViolation = "23505"

// server holds what the handlers share.
type server struct {
	db     *pgxpool.Pool
	hash   hashers
	signer *signer
}

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

var (
	errBody  = fiber.NewError(fiber.StatusBadRequest, "bad body")
	errLogin = fiber.NewError(fiber.StatusUnauthorized, "wrong e-mail or password")
	errTaken = fiber.NewError(fiber.StatusConflict, "taken")
)

func readCredentials(c *fiber.Ctx) (credentials, error) {
	var in credentials
	if json.Unmarshal(c.Body(), &in) != nil || !strings.Contains(in.Email, "@") || len(in.Password) < 8 || len(in.Password) > 72 {
		return in, errBody
	}
	in.Email = strings.ToLower(in.Email)
	return in, nil
}

func (s *server) health(c *fiber.Ctx) error {
	if err := s.db.Ping(context.Background()); err != nil {
		return err
	}
	return sendJSON(c, fiber.StatusOK, []byte(`{"status":"ok"}`))
}

func (s *server) register(c *fiber.Ctx) error {
	in, err := readCredentials(c)
	if err != nil {
		return err
	}
	hash, err := s.hash.make([]byte(in.Password))
	if err != nil {
		return err
	}
	user := newID()
	_, err = s.db.Exec(context.Background(), `INSERT INTO users (id, email, password_hash) VALUES ($1, $2, $3)`, user, in.Email, string(hash))
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) && refused.Code == uniqueViolation {
		return errTaken
	}
	if err != nil {
		return err
	}
	return sendJSON(c, fiber.StatusCreated, append(user.append([]byte(`{"id":"`)), `"}`...))
}

func (s *server) login(c *fiber.Ctx) error {
	in, err := readCredentials(c)
	if err != nil {
		return err
	}
	var user id
	var hash string
	err = s.db.QueryRow(context.Background(), `SELECT id, password_hash FROM users WHERE email = $1`, in.Email).Scan((*[16]byte)(&user), &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return errLogin
	}
	if err != nil {
		return err
	}
	if s.hash.verify([]byte(hash), []byte(in.Password)) != nil {
		return errLogin
	}
	session, refresh, now := newID(), newID(), time.Now()
	_, err = s.db.Exec(context.Background(), `INSERT INTO sessions (id, user_id, refresh_id, expires_at) VALUES ($1, $2, $3, $4)`,
		session, user, refresh, now.Add(refreshLife))
	if err != nil {
		return err
	}
	return s.sendTokens(c, user, session, refresh, now)
}

// refresh rotates a session. Of two requests with the same token, the UPDATE of one finds
// the session unchanged.
func (s *server) refresh(c *fiber.Ctx) error {
	var in struct {
		RefreshToken string `json:"refresh_token"`
	}
	if json.Unmarshal(c.Body(), &in) != nil {
		return errBody
	}
	now := time.Now()
	token, err := s.signer.check([]byte(in.RefreshToken), "refresh", now)
	if err != nil {
		return err
	}
	var user, current id
	var expires time.Time
	var revoked *time.Time
	err = s.db.QueryRow(context.Background(), `SELECT user_id, refresh_id, expires_at, revoked_at FROM sessions WHERE id = $1`, token.Session).
		Scan((*[16]byte)(&user), (*[16]byte)(&current), &expires, &revoked)
	if errors.Is(err, pgx.ErrNoRows) {
		return errToken
	}
	if err != nil {
		return err
	}
	if user != token.User || current != token.Refresh || revoked != nil || !expires.After(now) {
		return errToken
	}
	next := newID()
	changed, err := s.db.Exec(context.Background(),
		`UPDATE sessions SET refresh_id = $1, rotated_at = $2, expires_at = $3 WHERE id = $4 AND refresh_id = $5 AND revoked_at IS NULL`,
		next, now, now.Add(refreshLife), token.Session, token.Refresh)
	if err != nil {
		return err
	}
	if changed.RowsAffected() != 1 {
		return errToken
	}
	return s.sendTokens(c, user, token.Session, next, now)
}

func (s *server) me(c *fiber.Ctx) error {
	bearer, ok := bytes.CutPrefix(c.Request().Header.Peek(fiber.HeaderAuthorization), []byte("Bearer "))
	if !ok {
		return errToken
	}
	now := time.Now()
	token, err := s.signer.check(bearer, "access", now)
	if err != nil {
		return err
	}
	var user id
	var email string
	var expires time.Time
	var revoked *time.Time
	err = s.db.QueryRow(context.Background(),
		`SELECT u.id, u.email, s.expires_at, s.revoked_at FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1`, token.Session).
		Scan((*[16]byte)(&user), &email, &expires, &revoked)
	if errors.Is(err, pgx.ErrNoRows) {
		return errToken
	}
	if err != nil {
		return err
	}
	if user != token.User || revoked != nil || !expires.After(now) {
		return errToken
	}
	quoted, err := json.Marshal(email)
	if err != nil {
		return err
	}
	out := user.append(append(make([]byte, 0, 160), `{"id":"`...))
	out = append(append(out, `","email":`...), quoted...)
	out = token.Session.append(append(out, `,"session_id":"`...))
	return sendJSON(c, fiber.StatusOK, append(out, `"}`...))
}

func (s *server) sendTokens(c *fiber.Ctx, user, session, refresh id, now time.Time) error {
	out := append(make([]byte, 0, 768), `{"access_token":"`...)
	out = s.signer.sign(out, "access", user, session, id{}, now, accessLife)
	out = append(out, `","refresh_token":"`...)
	out = s.signer.sign(out, "refresh", user, session, refresh, now, refreshLife)
	return sendJSON(c, fiber.StatusOK, append(out, `","token_type":"bearer","expires_in":3600}`...))
}

func sendJSON(c *fiber.Ctx, status int, body []byte) error {
	c.Status(status).Response().Header.SetContentType(fiber.MIMEApplicationJSON)
	return c.Send(body)
}
