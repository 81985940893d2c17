package domain

import "time"

// Event is one entry of the audit log: the actor, the action, the user it
// concerns, the time and the origin. It names users by their identifiers only.
// Besides a Reason that staff write, it holds no secret and no e-mail address.
type Event struct {
	ID      EventID
	Type    EventType
	Outcome Outcome
	At      time.Time
	// ActorID is the user that acted: through a session, by a secret of the account
	// (a password, a mailed token), or by registering. It is zero for the operator
	// and for a caller that proved no account.
	ActorID UserID
	// ByOperator is true if the operator acted at the command line. ForSubject also
	// sets it if an administrator acted.
	ByOperator bool
	// SubjectID is the user that the event is about. It is zero without such a user.
	SubjectID UserID
	// SessionID is the session that acted or that the event is about. It is zero
	// without such a session.
	SessionID SessionID
	// Client is where the request came from, in canonical form.
	Client Client
	// RequestID is the request's identifier, at most 64 characters, or empty.
	RequestID string
	// Reason is the text that staff gave for the act, or what the mail server answered, for
	// types that are OfMail; it may be empty. Only staff see it. It is erased with the account
	// of the subject.
	Reason string
	// Detail is empty or a word from a closed list that depends on the type: the
	// code of a refusal, the new role or status, the kind of a mail, or the name of a limit.
	Detail string
}

// maxRequestIDLength is how much of a request's identifier is kept, in bytes.
const maxRequestIDLength = 64

// NewEvent returns an event of a type with its outcome, caused by a request.
func NewEvent(id EventID, t EventType, client Client, requestID string, now time.Time) Event {
	return Event{
		ID:        id,
		Type:      t,
		Outcome:   t.Outcome(),
		At:        now,
		Client:    client.Canonical(),
		RequestID: printable(requestID, maxRequestIDLength),
	}
}

// By returns the event with p as the actor.
func (e Event) By(p Principal) Event {
	switch {
	case p.user != nil:
		e.ActorID, e.SessionID = p.user.ID(), p.session.ID()
	case p.operator:
		e.ByOperator = true
	}
	return e
}

// ByOwner returns the event with its subject as the actor.
func (e Event) ByOwner() Event {
	e.ActorID = e.SubjectID
	return e
}

// About returns the event with the user id as its subject.
func (e Event) About(id UserID) Event {
	e.SubjectID = id
	return e
}

// In returns the event with the session id.
func (e Event) In(id SessionID) Event {
	e.SessionID = id
	return e
}

// Saying returns the event with detail as its Detail.
func (e Event) Saying(detail string) Event {
	e.Detail = detail
	return e
}

// Because returns the event with reason as its Reason.
func (e Event) Because(reason string) Event {
	e.Reason = reason
	return e
}

// ForSubject returns the event as its subject may see it. If another user or the
// operator acted, it keeps only that an operator of the service did.
func (e Event) ForSubject() Event {
	if e.ByOperator || !e.ActorID.IsZero() && e.ActorID != e.SubjectID {
		e.ActorID, e.ByOperator = UserID{}, true
		e.SessionID, e.Client, e.RequestID = SessionID{}, Client{}, ""
	}
	e.Reason = ""
	return e
}

// EventType names what happened.
type EventType string

// The types of events. A type never changes its meaning once released.
const (
	// EventRegistered is a new account, by registration.
	EventRegistered EventType = "registered"
	// EventRegisteredAgain is a registration for an address that has an account.
	EventRegisteredAgain EventType = "registered_again"
	// EventRegistrationExpired is a removed account: somebody had registered it, and no
	// mail had confirmed its address in time.
	EventRegistrationExpired EventType = "registration_expired"
	// EventUserCreated is a new account that an administrator made. Detail is from
	// CreatedDetail, or "taken_over" if the account existed with an address that no mail
	// had confirmed.
	EventUserCreated EventType = "user_created"
	// EventEmailVerified is a confirmed first address. Detail is "unproven" if the
	// password stands although nothing proved that the user who confirmed chose it, and
	// "by_hand" if an administrator confirmed the address.
	EventEmailVerified EventType = "email_verified"
	// EventEmailChangeRequested is a request, with the password, to move the account to
	// another address.
	EventEmailChangeRequested EventType = "email_change_requested"
	// EventEmailChanged is a new address: confirmed by the user, or set by an
	// administrator. Detail is "unverified" for an address that an administrator set
	// and no mail has confirmed.
	EventEmailChanged EventType = "email_changed"
	// EventEmailChangeUndone is an account moved back to a former address by the mail to
	// it.
	EventEmailChangeUndone EventType = "email_change_undone"
	// EventLoggedIn is a login.
	EventLoggedIn EventType = "logged_in"
	// EventLoginRefused is a login that was refused after its password had been
	// checked; Detail is the code of the refusal. It has no subject if the
	// address has no account.
	EventLoginRefused EventType = "login_refused"
	// EventLoginLocked is an address that wrong passwords in a row locked against
	// devices that its account does not know. It has no subject if the address has no
	// account.
	EventLoginLocked EventType = "login_locked"
	// EventRefreshTokenReused is a session ended because its tokens have two holders:
	// an old refresh token came back, or a token of a void generation (RFC 9700
	// section 4.14.2).
	EventRefreshTokenReused EventType = "refresh_token_reused"
	// EventRefreshReplayed is a refresh token that was presented again within the
	// grace interval, from another network or with another user agent.
	EventRefreshReplayed EventType = "refresh_replayed"
	// EventRefreshReissued is a refresh token that was presented again after the
	// grace interval and got new tokens, because no client had used the ones before.
	EventRefreshReissued EventType = "refresh_reissued"
	// EventLoggedOut is a session ended by its own token.
	EventLoggedOut EventType = "logged_out"
	// EventSessionRevoked is a session ended by its owner through another one, by staff,
	// by a login beyond the limit on sessions, or by too many wrong passwords in it;
	// Detail is the RevokeReason.
	EventSessionRevoked EventType = "session_revoked"
	// EventSessionsEnded is all sessions of a user ended at once.
	EventSessionsEnded EventType = "sessions_ended"
	// EventPasswordChanged is a password replaced by a user who knew it.
	EventPasswordChanged EventType = "password_changed"
	// EventPasswordReset is a password set through a mailed token.
	EventPasswordReset EventType = "password_reset"
	// EventPasswordDropped is a password taken from an unconfirmed account: by a
	// registration with another one, by an invitation, by a confirmation that was not
	// proven or that asked for it, or by the confirmation of an account with a role
	// above user.
	EventPasswordDropped EventType = "password_dropped"
	// EventPasswordRefused is a wrong current password inside a session, or beside the
	// token of a verification mail.
	EventPasswordRefused EventType = "password_refused"
	// EventPasswordChangeRequired is a password that the next sign-in must replace. Detail is
	// "lifted" if staff took that back.
	EventPasswordChangeRequired EventType = "password_change_required"
	// EventMailRequested is a mail that is to be sent to the subject. For this and the
	// following types, Detail is the MailKind, and all events of one mail have the same
	// RequestID. It has an actor if staff sent a link again.
	EventMailRequested EventType = "mail_requested"
	// EventMailSent is a mail that the mail server took; Reason is its answer. What happens
	// to the mail after that, only the mail server knows.
	EventMailSent EventType = "mail_sent"
	// EventMailDelayed is a mail whose first attempt failed, so that it waits for the next;
	// Reason is the server's answer, or says that there was none. Further failed attempts are
	// not recorded.
	EventMailDelayed EventType = "mail_delayed"
	// EventMailRefused is a mail that was given up, because the mail server said that the
	// address does not exist; Reason is its answer.
	EventMailRefused EventType = "mail_refused"
	// EventMailExpired is a mail that was given up, because it could not be sent before it
	// lost its use.
	EventMailExpired EventType = "mail_expired"
	// EventMailWithdrawn is a mail that was not sent, because it had lost its use: its link
	// was used already, or the account was disabled or confirmed meanwhile.
	EventMailWithdrawn EventType = "mail_withdrawn"
	// EventLimitsLifted is limits that staff lifted; Detail is "user", "address" or
	// "network", and Reason names a network. It has no subject if there is no such account.
	EventLimitsLifted EventType = "limits_lifted"
	// EventFactorAdded is a second factor whose first code confirmed it; Detail is the Method.
	EventFactorAdded EventType = "factor_added"
	// EventFactorRemoved is a removed second factor; Detail is the Method, or empty if staff
	// removed it.
	EventFactorRemoved EventType = "factor_removed"
	// EventCodeRefused is a wrong code of a second factor; Detail is the Method.
	EventCodeRefused EventType = "code_refused"
	// EventCodesLocked is an account whose one-time codes are refused, after too many wrong ones in
	// a row.
	EventCodesLocked EventType = "codes_locked"
	// EventRecoveryCodeUsed is a recovery code that was used up.
	EventRecoveryCodeUsed EventType = "recovery_code_used"
	// EventRecoveryCodesMade is new recovery codes in place of the former ones.
	EventRecoveryCodesMade EventType = "recovery_codes_made"
	// EventRoleChanged is a new role; Detail is the role.
	EventRoleChanged EventType = "role_changed"
	// EventRoleInvited is a role that accepting an invitation will give; Detail is the
	// role.
	EventRoleInvited EventType = "role_invited"
	// EventStatusChanged is a new status; Detail is the status. Reason may say why.
	EventStatusChanged EventType = "status_changed"
	// EventProfileChanged is a changed profile. The event holds no values.
	EventProfileChanged EventType = "profile_changed"
	// EventAppChanged is a change of what administrators keep with a user. The event holds
	// no values.
	EventAppChanged EventType = "app_changed"
	// EventUserDeleted is a deleted account.
	EventUserDeleted EventType = "user_deleted"
	// EventAccountExported is an export of the data about the own account.
	EventAccountExported EventType = "account_exported"
	// EventUsersExported is an export of all users. Detail is "password_hashes" if
	// it included the password hashes.
	EventUsersExported EventType = "users_exported"
	// EventRateLimited is a rate limit that began to refuse; Detail is its name.
	// It is recorded once per key and time of the limit.
	EventRateLimited EventType = "rate_limited"
)

// CreatedDetail returns the Detail of EventUserCreated. It names a role above user,
// because such an account has rights over others: "admin", or "imported_admin" if the
// account came with an import. For the role user it is "imported", or empty.
func CreatedDetail(role Role, imported bool) string {
	switch {
	case role == RoleUser && imported:
		return "imported"
	case role == RoleUser:
		return ""
	case imported:
		return "imported_" + role.String()
	}
	return role.String()
}

// EventTypes lists every type.
func EventTypes() []EventType {
	return []EventType{
		EventRegistered, EventRegisteredAgain, EventRegistrationExpired, EventUserCreated, EventEmailVerified, EventEmailChangeRequested, EventEmailChanged, EventEmailChangeUndone, EventLoggedIn, EventLoginRefused, EventLoginLocked,
		EventRefreshTokenReused, EventRefreshReplayed, EventRefreshReissued, EventLoggedOut, EventSessionRevoked, EventSessionsEnded, EventPasswordChanged,
		EventPasswordReset, EventPasswordDropped, EventPasswordRefused, EventPasswordChangeRequired, EventLimitsLifted,
		EventMailRequested, EventMailSent, EventMailDelayed, EventMailRefused, EventMailExpired, EventMailWithdrawn,
		EventFactorAdded, EventFactorRemoved, EventCodeRefused, EventCodesLocked, EventRecoveryCodeUsed, EventRecoveryCodesMade,
		EventRoleChanged, EventRoleInvited, EventStatusChanged,
		EventProfileChanged, EventAppChanged, EventUserDeleted, EventAccountExported, EventUsersExported, EventRateLimited,
	}
}

// ParseEventType reads the name of a type. Errors: ErrInvalidParameter at type.
func ParseEventType(s string) (EventType, error) {
	for _, t := range EventTypes() {
		if string(t) == s {
			return t, nil
		}
	}
	return "", ErrInvalidParameter.WithDetail("There is no such type of event.").WithField("type")
}

// Outcome names how an event ended.
type Outcome string

// The outcomes.
const (
	OutcomeSuccess Outcome = "success"
	OutcomeRefused Outcome = "refused"
)

// Outcome returns how events of the type end: every type has one outcome.
func (t EventType) Outcome() Outcome {
	switch t {
	case EventLoginRefused, EventLoginLocked, EventPasswordRefused, EventRefreshTokenReused, EventRateLimited,
		EventCodeRefused, EventCodesLocked, EventMailDelayed, EventMailRefused, EventMailExpired:
		return OutcomeRefused
	default:
		return OutcomeSuccess
	}
}

// OfMail reports whether events of the type tell what became of a mail.
func (t EventType) OfMail() bool {
	switch t {
	case EventMailRequested, EventMailSent, EventMailDelayed, EventMailRefused, EventMailExpired, EventMailWithdrawn:
		return true
	default:
		return false
	}
}
