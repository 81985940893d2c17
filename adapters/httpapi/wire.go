package httpapi

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// userBody is a user as clients see it. It lists the visible fields, so a new field
// of the domain stays hidden until it is added here.
type userBody struct {
	ID            string    `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	Email         string    `json:"email" example:"ada@example.com" doc:"The address, in lower case."`
	Role          string    `json:"role" enum:"user,support,admin" example:"user"`
	InvitedRole   string    `json:"invited_role,omitempty" enum:"support,admin" example:"admin" doc:"The role that the user gets by accepting the mailed invitation; absent without one."`
	Status        string    `json:"status" enum:"active,disabled" example:"active"`
	EmailVerified bool      `json:"email_verified" example:"true"`
	CreatedAt     time.Time `json:"created_at" example:"2026-01-15T09:30:00Z"`
	UpdatedAt     time.Time `json:"updated_at" example:"2026-01-15T09:30:00Z"`
}

func userOf(u *domain.User) userBody {
	return userBody{
		ID:            u.ID().String(),
		Email:         u.Email().String(),
		Role:          u.Role().String(),
		InvitedRole:   u.InvitedRole().String(),
		Status:        u.Status().String(),
		EmailVerified: u.EmailVerified(),
		CreatedAt:     u.CreatedAt().UTC(),
		UpdatedAt:     u.UpdatedAt().UTC(),
	}
}

type userOutput struct{ Body userBody }

func userOutputOf(result ports.UserResult) *userOutput {
	return &userOutput{Body: userOf(result.User)}
}

type messageBody struct {
	Message string `json:"message" example:"If everything is in order, a mail is on its way." doc:"What happens next, for a person."`
}

type messageOutput struct{ Body messageBody }

func message(text string) *messageOutput {
	return &messageOutput{Body: messageBody{Message: text}}
}

// tokensBody is the answer to a refresh (after RFC 6749 section 5.1).
type tokensBody struct {
	AccessToken      string `json:"access_token" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"`
	RefreshToken     string `json:"refresh_token" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.e30.c2ln"`
	TokenType        string `json:"token_type" enum:"Bearer" example:"Bearer"`
	ExpiresIn        int64  `json:"expires_in" example:"1800" doc:"Seconds that the access token lives."`
	RefreshExpiresIn int64  `json:"refresh_expires_in" example:"604800" doc:"Seconds that the refresh token lives."`
	SessionID        string `json:"session_id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"`
}

type tokensOutput struct{ Body tokensBody }

func tokensOf(r ports.TokensResult) tokensBody {
	return tokensBody{
		AccessToken:      r.AccessToken.Reveal(),
		RefreshToken:     r.RefreshToken.Reveal(),
		TokenType:        "Bearer",
		ExpiresIn:        int64(r.ExpiresIn / time.Second),
		RefreshExpiresIn: int64(r.RefreshExpiresIn / time.Second),
		SessionID:        r.SessionID.String(),
	}
}

type sessionBody struct {
	ID         string    `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"`
	CreatedAt  time.Time `json:"created_at" example:"2026-01-15T09:30:00Z" doc:"When the login was."`
	LastSeenAt time.Time `json:"last_seen_at" example:"2026-01-15T10:00:00Z" doc:"When the last login or refresh was; for the current session, now."`
	ExpiresAt  time.Time `json:"expires_at" example:"2026-01-22T10:00:00Z" doc:"When the session ends unless it is refreshed before; for the current session, as if refreshed now."`
	IP         string    `json:"ip" example:"203.0.113.7" doc:"Where the last login or refresh came from; for the current session, this request. Empty if unknown."`
	UserAgent  string    `json:"user_agent" example:"Mozilla/5.0" doc:"The client's User-Agent then; may be empty."`
	Current    bool      `json:"current" example:"true" doc:"Whether this request uses the session."`
}

type sessionsBody struct {
	Sessions []sessionBody `json:"sessions" doc:"The live sessions, the newest login first."`
}

type sessionsOutput struct{ Body sessionsBody }

func sessionsOf(r ports.SessionsResult) *sessionsOutput {
	sessions := make([]sessionBody, 0, len(r.Sessions))
	for _, s := range r.Sessions {
		sessions = append(sessions, sessionBody{
			ID:         s.ID().String(),
			CreatedAt:  s.CreatedAt().UTC(),
			LastSeenAt: s.LastSeenAt().UTC(),
			ExpiresAt:  s.ExpiresAt().UTC(),
			IP:         s.Client().IP,
			UserAgent:  s.Client().UserAgent,
			Current:    s.ID() == r.Current,
		})
	}
	return &sessionsOutput{Body: sessionsBody{Sessions: sessions}}
}
