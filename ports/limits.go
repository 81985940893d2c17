package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// RateLimiter counts events against limits. It knows the quota of each limit.
type RateLimiter interface {
	// Take counts the events of a request in their order, until a limit refuses one.
	// That one and those after it do not count; those before it may. It always returns a verdict, because
	// the process's own memory replaces a store that fails. Each limit may occur once.
	// Errors: none.
	Take(ctx context.Context, counts ...Count) Verdict
	// Uses returns how much of each event's quota is used up, in the order of counts. It
	// counts nothing. Errors: domain.ErrUnavailable if the store of the counts fails.
	Uses(ctx context.Context, counts ...Count) (Uses, error)
	// Lift makes the quota of each event whole. Every process that shares the counts admits
	// such events again within seconds. Errors: domain.ErrUnavailable, after which some may
	// be lifted.
	Lift(ctx context.Context, counts ...Count) error
	// DeleteExpired removes at most limit counts that no longer matter and
	// returns their number. Errors: domain.ErrUnavailable.
	DeleteExpired(ctx context.Context, limit int) (int, error)
}

// Count is one event to count against a limit.
type Count struct {
	Limit Limit
	// Key is whose events count together.
	Key string
	// Optional is true if the request goes on without what the limit guards. Its refusal
	// then keeps none of the counts before it from counting. Any other refusal may, because
	// a limiter that knows of it need not ask its store.
	Optional bool
}

// Uses is how much of some quotas is used up.
type Uses struct {
	// Each is the use of each event. It is zero for a limit that is off.
	Each []Use
	// ProcessOnly is true if the counts are in the memory of this process, and other
	// processes do not share them.
	ProcessOnly bool
}

// Use is how much of a quota is used up.
type Use struct {
	Quota domain.Quota
	// Remaining is how many events the limit admits now.
	Remaining int
	// RetryAfter is how long the limit refuses. It is zero if it admits an event.
	RetryAfter time.Duration
}

// UseOf returns the use of a quota that will be whole after ahead, if nothing else happens.
// quota is not off.
func UseOf(quota domain.Quota, ahead time.Duration) Use {
	interval := quota.Per / time.Duration(quota.Events)
	burst := interval * time.Duration(quota.Events)
	ahead = min(max(ahead, 0), burst)
	return Use{
		Quota:      quota,
		Remaining:  int((burst - ahead) / interval),
		RetryAfter: max(ahead+interval-burst, 0),
	}
}

// Verdict is a rate limiter's decision on the events of a request. It is zero if all
// are admitted.
type Verdict struct {
	// Refused is true if an event is beyond its limit.
	Refused bool
	// Limit is the limit that refused.
	Limit Limit
	// Quota is that limit's quota.
	Quota domain.Quota
	// First is true for the first refusal of the key within the time of the limit.
	// The caller records it.
	First bool
	// RetryAfter is how long to wait until the limit admits the refused event.
	RetryAfter time.Duration
}

// Limit names a rate limit.
type Limit string

// The limits. The key of an address is its domain.Client.Network. The key of an
// account is the canonical e-mail address, even if it has no account.
const (
	// LimitLoginAccountIP counts logins by account and address.
	LimitLoginAccountIP Limit = "login_account_ip"
	// LimitLoginAccount counts logins by account.
	LimitLoginAccount Limit = "login_account"
	// LimitLoginDevices counts logins by account over all devices that it knows,
	// instead of the two above and LimitLoginIP.
	LimitLoginDevices Limit = "login_devices"
	// LimitLoginIP counts logins by address, from devices that the account does not
	// know.
	LimitLoginIP Limit = "login_ip"
	// LimitRegisterIP counts registrations by address.
	LimitRegisterIP Limit = "register_ip"
	// LimitMailRecipient counts requests that send a mail, by recipient and by
	// purpose: registrations, resent confirmations, password resets and changes of
	// address each count separately. A registration beyond it only gets no mail.
	LimitMailRecipient Limit = "mail_recipient"
	// LimitResetIP counts requests for reset and verification mails by address.
	LimitResetIP Limit = "reset_ip"
	// LimitTokenIP counts confirmations of one-time tokens by address.
	LimitTokenIP Limit = "token_ip"
	// LimitRefreshSession counts refreshes by session, in each process's memory.
	LimitRefreshSession Limit = "refresh_session"
	// LimitPasswordCheckUser counts checks of the current password: inside a session
	// by user, and beside the token of a mail by token.
	LimitPasswordCheckUser Limit = "password_check_user"
	// LimitProfileUser counts changes of the own profile, by user.
	LimitProfileUser Limit = "profile_user"
	// LimitFactorAccount counts codes of second factors, by user, over all methods, sign-ins and
	// sessions.
	LimitFactorAccount Limit = "factor_account"
	// LimitAdminWriteUser counts changes by an administrator, by that user.
	LimitAdminWriteUser Limit = "admin_write_user"
)

// Limits lists every limit.
func Limits() []Limit {
	return []Limit{
		LimitLoginAccountIP, LimitLoginAccount, LimitLoginDevices, LimitLoginIP, LimitRegisterIP, LimitMailRecipient,
		LimitResetIP, LimitTokenIP, LimitRefreshSession, LimitPasswordCheckUser, LimitProfileUser, LimitFactorAccount, LimitAdminWriteUser,
	}
}
