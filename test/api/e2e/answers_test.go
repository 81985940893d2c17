package e2e

import (
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// login is the whole answer to a login.
type login struct {
	api.Tokens
	Type         string `json:"token_type"`
	Lives        int    `json:"expires_in"`
	RefreshLives int    `json:"refresh_expires_in"`
	Device       string `json:"device_token"`
}

// user is a user as the API shows it.
type user struct {
	ID            string `json:"id"`
	Email         string `json:"email"`
	Role          string `json:"role"`
	Status        string `json:"status"`
	EmailVerified bool   `json:"email_verified"`
	CreatedAt     string `json:"created_at"`
}

// users is a page of users.
type users struct {
	Users []user `json:"users"`
	Next  string `json:"next_cursor"`
}

// sessions is the answer to a list of sessions.
type sessions struct {
	Sessions []session `json:"sessions"`
}

// session is a session as lists and exports show it.
type session struct {
	ID         string    `json:"id"`
	CreatedAt  time.Time `json:"created_at"`
	LastSeenAt time.Time `json:"last_seen_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
	Current    bool      `json:"current"`
	// The others are in exports only.
	Methods      []string  `json:"methods"`
	AuthTime     time.Time `json:"authenticated_at"`
	AbsoluteEnd  time.Time `json:"absolute_expires_at"`
	RevokedAt    time.Time `json:"revoked_at"`
	RevokeReason string    `json:"revoke_reason"`
}

// events is a page of the audit log.
type events struct {
	Events []event `json:"events"`
	Next   string  `json:"next_cursor"`
}

// event is an entry of the audit log as the API shows it.
type event struct {
	Position   int64  `json:"position"`
	ID         string `json:"id"`
	Type       string `json:"type"`
	Outcome    string `json:"outcome"`
	CreatedAt  string `json:"created_at"`
	ActorID    string `json:"actor_id"`
	ByOperator bool   `json:"by_operator"`
	SubjectID  string `json:"subject_id"`
	SessionID  string `json:"session_id"`
	IP         string `json:"ip"`
	UserAgent  string `json:"user_agent"`
	RequestID  string `json:"request_id"`
	Detail     string `json:"detail"`
	Reason     string `json:"reason"`
}

func (e events) types() []string {
	types := make([]string, 0, len(e.Events))
	for _, one := range e.Events {
		types = append(types, one.Type)
	}
	return types
}

func (s sessions) ids() []string {
	ids := make([]string, 0, len(s.Sessions))
	for _, one := range s.Sessions {
		ids = append(ids, one.ID)
	}
	return ids
}
