package admin

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// What limits count together.
const (
	ofUser    = "user"
	ofAddress = "address"
	ofNetwork = "network"
	ofBoth    = "address_and_network"
)

// The names of what counts wrong answers in a row: limitFailures is the lock by wrong passwords,
// limitCodeFailures the refusal of one-time codes after wrong ones.
const (
	limitFailures     = "login_failures"
	limitCodeFailures = "code_failures"
)

// limited is what limits count: an address with or without its account, and a network.
type limited struct {
	user    *domain.User // nil without an account
	email   domain.Email // zero without an address
	network string       // empty without a network
}

// findLimited returns what a command names. Errors: as ListLimits.Execute.
func findLimited(ctx context.Context, p Ports, of ports.LimitsOf) (l limited, err error) {
	switch {
	case of.UserID != "" && of.Email != "":
		return l, kit.InvalidParameter("email", "Give a user_id or an email, not both.")
	case of.UserID == "" && of.Email == "" && of.Network == "":
		return l, kit.InvalidParameter("user_id", "Give a user_id, an email or a network.")
	}
	if l.network, err = parseNetwork(of.Network); err != nil {
		return l, err
	}
	switch {
	case of.UserID != "":
		id, err := domain.ParseUserID(of.UserID)
		if err != nil {
			return l, err
		}
		if l.user, err = p.Store.Users.ByID(ctx, id); err != nil {
			return l, err
		}
		l.email = l.user.Email()
	case of.Email != "":
		if l.email, err = domain.ParseEmail(of.Email); err != nil {
			return l, err
		}
		if l.user, err = p.Store.Users.ByEmail(ctx, l.email); err != nil && !kit.IsNotFound(err) {
			return l, err
		}
	}
	return l, nil
}

// parseNetwork returns the key by which limits count an IP address; empty for an empty text.
// It also takes the /64 prefix that this key is for IPv6. Errors: domain.ErrInvalidParameter.
func parseNetwork(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	plain, _ := strings.CutSuffix(text, "/64")
	addr, err := netip.ParseAddr(plain)
	if err != nil || addr.Zone() != "" || plain != text && !addr.Is6() {
		return "", kit.InvalidParameter("network", "network must be an IP address, or an IPv6 prefix of 64 bits.")
	}
	return domain.Client{IP: addr.String()}.Network(), nil
}

// limitCount is a count of one limit.
type limitCount struct {
	ports.Count
	of   string
	mail domain.MailKind
}

// counts returns the counts of every limit but those that no command can name: of sessions, of
// the tokens of mails, and of an account in a network that is not given.
func (l limited) counts() (all []limitCount) {
	add := func(of string, limit ports.Limit, key string) {
		all = append(all, limitCount{Count: ports.Count{Limit: limit, Key: key}, of: of})
	}
	if !l.email.IsZero() {
		add(ofAddress, ports.LimitLoginAccount, l.email.String())
		for _, purpose := range kit.MailPurposes() {
			all = append(all, limitCount{Count: kit.Recipient(l.email, purpose), of: ofAddress, mail: domain.MailKind(purpose)})
		}
	}
	if l.user != nil {
		add(ofUser, ports.LimitLoginDevices, kit.Pair(l.email.String(), strconv.FormatInt(l.user.SessionEpoch(), 10)))
		add(ofUser, ports.LimitPasswordCheckUser, l.user.ID().String())
		add(ofUser, ports.LimitProfileUser, l.user.ID().String())
		add(ofUser, ports.LimitFactorAccount, l.user.ID().String())
		add(ofUser, ports.LimitAdminWriteUser, l.user.ID().String())
	}
	if l.network != "" {
		for _, limit := range []ports.Limit{ports.LimitLoginIP, ports.LimitRegisterIP, ports.LimitResetIP, ports.LimitTokenIP} {
			add(ofNetwork, limit, l.network)
		}
	}
	if !l.email.IsZero() && l.network != "" {
		add(ofBoth, ports.LimitLoginAccountIP, kit.Pair(l.email.String(), l.network))
	}
	return all
}

// events returns the counts as events of the limiter.
func (l limited) events() (events []ports.Count) {
	for _, count := range l.counts() {
		events = append(events, count.Count)
	}
	return events
}

// uses returns the limits with a use. Errors: domain.ErrUnavailable.
func (l limited) uses(ctx context.Context, p Ports, failures domain.FailureLimit) (ports.LimitsResult, error) {
	read, err := p.Limiter.Uses(ctx, l.events()...)
	if err != nil {
		return ports.LimitsResult{}, err
	}
	result := ports.LimitsResult{ProcessOnly: read.ProcessOnly}
	for i, count := range l.counts() {
		if use := read.Each[i]; use.Remaining < use.Quota.Events {
			result.Limits = append(result.Limits, ports.LimitUse{
				Limit: string(count.Limit), Of: count.of, For: count.mail,
				Quota: use.Quota, Remaining: use.Remaining, RetryAfter: use.RetryAfter,
			})
		}
	}
	lock, err := l.lock(ctx, p, failures)
	if err != nil {
		return ports.LimitsResult{}, err
	}
	codes, err := l.wrongCodes(ctx, p)
	result.Limits = append(append(result.Limits, lock...), codes...)
	return result, err
}

// lock returns the use of the limit on wrong passwords in a row, if there is one.
func (l limited) lock(ctx context.Context, p Ports, limit domain.FailureLimit) ([]ports.LimitUse, error) {
	if l.email.IsZero() || limit.IsOff() {
		return nil, nil
	}
	now := p.Clock.Now()
	counts, err := p.Store.Failures.Read(ctx, now, ports.FailuresOf(l.email))
	if err != nil || counts[0] == (domain.Failures{}) {
		return nil, err
	}
	left, wait := limit.Left(counts[0], now)
	return []ports.LimitUse{{
		Limit: limitFailures, Of: ofAddress, Quota: domain.Quota{Events: limit.Failures, Per: limit.Lock}, Remaining: left, RetryAfter: wait,
	}}, nil
}

// wrongCodes returns the use of the limit on wrong codes of second factors in a row, if there
// is one.
func (l limited) wrongCodes(ctx context.Context, p Ports) ([]ports.LimitUse, error) {
	if l.user == nil {
		return nil, nil
	}
	counts, err := p.Store.Failures.Read(ctx, p.Clock.Now(), ports.FailuresOfCodes(l.user.ID()))
	if err != nil || counts[0].Count == 0 {
		return nil, err
	}
	use := ports.LimitUse{
		Limit: limitCodeFailures, Of: ofUser, Quota: domain.Quota{Events: domain.MaxCodeFailures, Per: domain.FailureRetention},
		Remaining: max(0, domain.MaxCodeFailures-counts[0].Count),
	}
	if use.Remaining == 0 {
		use.RetryAfter = domain.FailureRetention
	}
	return []ports.LimitUse{use}, nil
}

// rows returns the keys of the wrong answers in a row.
func (l limited) rows() (keys []ports.FailureKey) {
	if !l.email.IsZero() {
		keys = append(keys, ports.FailuresOf(l.email))
	}
	if l.user != nil {
		keys = append(keys, ports.FailuresOfCodes(l.user.ID()))
	}
	return keys
}
