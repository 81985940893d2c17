package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// RateLimiter counts events against limits. It knows the quota of each limit.
type RateLimiter interface {
	// Take counts one event of key against a limit, if the limit admits it. It
	// always returns a verdict, because the process's own memory replaces a store
	// that fails. Errors: none.
	Take(ctx context.Context, limit Limit, key string) Verdict
	// DeleteExpired removes at most limit counts that no longer matter and
	// returns their number. Errors: domain.ErrUnavailable.
	DeleteExpired(ctx context.Context, limit int) (int, error)
}

// Verdict is a rate limiter's decision on one event.
type Verdict struct {
	// Refused is true if the event is beyond the limit.
	Refused bool
	// First is true for the first refusal of the key within the time of the limit.
	// The caller records it.
	First bool
	// RetryAfter is how long to wait until the limit admits a refused event.
	RetryAfter time.Duration
	// Quota is the limit's quota.
	Quota domain.Quota
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
	// LimitPasswordCheckUser counts checks of the current password inside a
	// session, or beside the token of a mail, by user.
	LimitPasswordCheckUser Limit = "password_check_user"
	// LimitAdminWriteUser counts changes by an administrator, by that user.
	LimitAdminWriteUser Limit = "admin_write_user"
)

// Limits lists every limit.
func Limits() []Limit {
	return []Limit{
		LimitLoginAccountIP, LimitLoginAccount, LimitLoginDevices, LimitLoginIP, LimitRegisterIP, LimitMailRecipient,
		LimitResetIP, LimitTokenIP, LimitRefreshSession, LimitPasswordCheckUser, LimitAdminWriteUser,
	}
}
