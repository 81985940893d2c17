package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// eventType is a type of event on the wire. The document lists all types.
type eventType string

// Schema implements huma.SchemaProvider.
func (eventType) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: "What happened. Later releases may add types; the present types keep their meaning."}
	for _, t := range domain.EventTypes() {
		s.Enum = append(s.Enum, string(t))
	}
	s.Examples = []any{string(domain.EventLoggedIn)}
	return s
}

// eventBody is an entry of the audit log.
type eventBody struct {
	Position   int64     `json:"position,omitempty" doc:"Its place in the feed; absent elsewhere. Positions rise and never change." example:"4711"`
	ID         string    `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e12"`
	Type       eventType `json:"type"`
	Outcome    string    `json:"outcome" enum:"success,refused" example:"success"`
	CreatedAt  time.Time `json:"created_at" example:"2026-01-15T09:30:00Z" doc:"When it happened."`
	ActorID    string    `json:"actor_id,omitempty" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10" doc:"The user who acted: signed in, with a secret of the account, or by creating it; absent for the operator and all others."`
	ByOperator bool      `json:"by_operator" example:"false" doc:"Whether the operator acted, at the command line. In the activity and the export of a user it is also true for an administrator."`
	SubjectID  string    `json:"subject_id,omitempty" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10" doc:"The user it is about; absent if there is none."`
	SessionID  string    `json:"session_id,omitempty" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11" doc:"The session that acted or that it is about; absent if there is none."`
	IP         string    `json:"ip" example:"203.0.113.7" doc:"The IP address that it came from; empty if unknown or hidden."`
	UserAgent  string    `json:"user_agent" example:"Mozilla/5.0" doc:"The client's User-Agent; may be empty."`
	RequestID  string    `json:"request_id" example:"01JZ3V7K2M" doc:"The X-Request-ID of the answer, to find it in the logs; may be empty."`
	Reason     string    `json:"reason,omitempty" example:"Sent spam; see case 4711." doc:"The reason that staff gave, the network whose limits they lifted, or what the mail server answered to a mail; absent without one. Only staff see it."`
	Detail     string    `json:"detail" example:"invalid_credentials" doc:"A word that depends on the type: the code of a refusal, the new role or status, the role of a new administrator, whether an account was imported, the name of a limit, why a session ended, the kind of a mail, or which limits were lifted. It may be empty."`
}

func eventOf(e domain.Event) eventBody {
	body := eventBody{
		ID:         e.ID.String(),
		Type:       eventType(e.Type),
		Outcome:    string(e.Outcome),
		CreatedAt:  e.At.UTC(),
		ByOperator: e.ByOperator,
		IP:         e.Client.IP,
		UserAgent:  e.Client.UserAgent,
		RequestID:  e.RequestID,
		Reason:     e.Reason,
		Detail:     e.Detail,
	}
	if !e.ActorID.IsZero() {
		body.ActorID = e.ActorID.String()
	}
	if !e.SubjectID.IsZero() {
		body.SubjectID = e.SubjectID.String()
	}
	if !e.SessionID.IsZero() {
		body.SessionID = e.SessionID.String()
	}
	return body
}

func eventsOf(events []domain.Event) []eventBody {
	bodies := make([]eventBody, 0, len(events))
	for _, e := range events {
		bodies = append(bodies, eventOf(e))
	}
	return bodies
}

type eventsOutput struct{ Body eventsBody }

type eventsBody struct {
	Events     []eventBody `json:"events" doc:"The newest first."`
	NextCursor string      `json:"next_cursor,omitempty" doc:"Send it as cursor to get the next page; absent on the last page." example:"eyJrIjoiMjAyNi0wMS0xNSJ9"`
}

func eventsOutputOf(r ports.EventsResult) *eventsOutput {
	return &eventsOutput{Body: eventsBody{Events: eventsOf(r.Events), NextCursor: r.NextCursor}}
}

type listAuditInput struct {
	Limit         int       `query:"limit" minimum:"1" maximum:"200" doc:"How many events at most; 50 if left out."`
	Cursor        string    `query:"cursor" doc:"The next_cursor of the page before, with the same filters."`
	SubjectID     string    `query:"subject_id" doc:"The user it is about."`
	ActorID       string    `query:"actor_id" doc:"The user who acted."`
	Type          eventType `query:"type"`
	CreatedAfter  string    `query:"created_after" doc:"RFC 3339 time, inclusive, such as 2026-01-01T00:00:00Z. A + of an offset need not be escaped."`
	CreatedBefore string    `query:"created_before" doc:"RFC 3339 time, exclusive, such as 2026-02-01T00:00:00Z. A + of an offset need not be escaped."`
}

type feedAuditInput struct {
	Limit int         `query:"limit" minimum:"1" maximum:"200" doc:"How many events at most; 50 if left out."`
	After int64       `query:"after" minimum:"0" doc:"The position of the page before; 0 for the first page, or left out." example:"4711"`
	Types []eventType `query:"type,explode" maxItems:"100" doc:"Only events of these types: repeat the parameter."`
}

type feedOutput struct{ Body feedBody }

type feedBody struct {
	Events   []eventBody `json:"events" doc:"The oldest first."`
	Position int64       `json:"position" doc:"Send it as after of the next request, also if there are no events. Store it together with the events." example:"4711"`
	More     bool        `json:"more" doc:"Whether more events may follow now. If false, wait a second before you ask again." example:"false"`
}

// FeedEventBody returns an event of the feed in the form of the API, to be encoded as JSON. The
// command line prints it.
func FeedEventBody(e ports.FeedEvent) any { return feedEventOf(e) }

func feedEventOf(e ports.FeedEvent) eventBody {
	event := eventOf(e.Event)
	event.Position = e.Position
	return event
}

type listActivityInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" doc:"How many events at most; 50 if left out."`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before."`
}

func (s *Server) eventRoutes() {
	protected(s, endpoint{
		operation: ports.OpListAudit, method: http.MethodGet, path: "/admin/audit", tag: tagAdministration,
		summary: "List the audit log",
		description: "The audit log, the newest events first, in pages: repeat the request with the answer's `next_cursor` until it is absent. A page before the last may be short or empty. It names users by their ids, and contains no e-mail addresses except those that staff write into `reason`. " +
			"A list is always answered if it has at most one of `subject_id`, `actor_id` and `type` besides times, or if one of its filters selects at most 10,000 events. " +
			"For any other list the service reads at most 10,000 events of one filter. If the first page is not full then, the answer is 422 `too_broad`: " +
			"give a shorter time range, or leave a filter out. A later page is short instead, and its `next_cursor` continues from there.",
		refusals: []*domain.Error{domain.ErrValidationFailed},
	}, s.listAudit)
	protected(s, endpoint{
		operation: ports.OpFeedAudit, method: http.MethodGet, path: "/admin/audit/feed", tag: tagAdministration,
		summary: "Follow the audit log",
		description: "The audit log for software that keeps a copy, the oldest events first. A reader that sends each answer's `position` as `after` of its next request gets every event once, also events that replicas record late. " +
			"A page may be short or empty while `more` is true. The service removes events after `AUDIT_RETENTION_DAYS`, so a reader that comes later does not get them. " +
			"For a position beyond the end of the log the answer is 422, which names the position to continue from: the database was restored from a backup.",
		refusals: []*domain.Error{domain.ErrValidationFailed},
	}, s.feedAudit)
	protected(s, endpoint{
		operation: ports.OpListActivity, method: http.MethodGet, path: "/me/activity", tag: tagAccount,
		summary:     "List the events of the account",
		description: "The newest events first, in pages: repeat the request with the answer's `next_cursor` until it is absent.",
		refusals:    []*domain.Error{domain.ErrValidationFailed},
	}, s.listActivity)
}

func (s *Server) listAudit(ctx context.Context, p domain.Principal, in *listAuditInput) (*eventsOutput, error) {
	result, err := s.useCases.ListAudit.Execute(ctx, ports.ListAuditCommand{
		Principal:     p,
		Limit:         in.Limit,
		Cursor:        in.Cursor,
		SubjectID:     in.SubjectID,
		ActorID:       in.ActorID,
		Type:          string(in.Type),
		CreatedAfter:  in.CreatedAfter,
		CreatedBefore: in.CreatedBefore,
	})
	if err != nil {
		return nil, err
	}
	return eventsOutputOf(result), nil
}

func (s *Server) feedAudit(ctx context.Context, p domain.Principal, in *feedAuditInput) (*feedOutput, error) {
	cmd := ports.FeedAuditCommand{Principal: p, Limit: in.Limit, After: in.After}
	for _, t := range in.Types {
		cmd.Types = append(cmd.Types, string(t))
	}
	result, err := s.useCases.FeedAudit.Execute(ctx, cmd)
	if err != nil {
		return nil, err
	}
	body := feedBody{Events: []eventBody{}, Position: result.Position, More: result.More}
	for _, e := range result.Events {
		body.Events = append(body.Events, feedEventOf(e))
	}
	return &feedOutput{Body: body}, nil
}

func (s *Server) listActivity(ctx context.Context, p domain.Principal, in *listActivityInput) (*eventsOutput, error) {
	result, err := s.useCases.ListActivity.Execute(ctx, ports.ListActivityCommand{Principal: p, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	return eventsOutputOf(result), nil
}
