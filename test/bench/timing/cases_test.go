package timing

import (
	"net/http"
	"slices"
	"strings"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// comparison holds two kinds of requests whose answers must look alike to clients.
type comparison struct {
	name, rows string
	status     int
	hashes     bool // a password is hashed before the answer
	// a and b make the next request of either kind, after making the accounts that it
	// needs. They are called before the measurement.
	a, b func(*service) api.Request
}

// wrong is a password that no account has.
const wrong = "a pass phrase of no account"

func login(email, password string) api.Request {
	return post("/login", api.Object{"email": email, "password": password})
}

func register(email string) api.Request {
	return post("/email/register", api.Object{"email": email, "password": wrong})
}

// kind makes the address of an account in one state.
type kind func(*service) string

func unknown(*service) string { return newPerson().email }

func known(s *service) string {
	p := newPerson()
	s.add(p.email, api.Object{"password": p.password, "email_verified": true})
	return p.email
}

func disabled(s *service) string {
	p := newPerson()
	id := s.add(p.email, api.Object{"password": p.password, "email_verified": true})
	s.must(api.Request{Method: http.MethodPatch, Path: "/api/auth/admin/users/" + id, Token: s.admin, Body: api.Object{"status": "disabled"}})
	return p.email
}

func unverified(s *service) string {
	p := newPerson()
	s.must(post("/email/register", api.Object{"email": p.email, "password": p.password}))
	return p.email
}

// sameUnverified makes an unverified account with the password that register sends.
func sameUnverified(s *service) string {
	email := newPerson().email
	s.must(register(email))
	return email
}

// contested makes an unverified account that two registrations claim, so that its
// password was dropped (F-H2).
func contested(s *service) string {
	email := unverified(s)
	s.must(post("/email/register", api.Object{"email": email, "password": newPerson().password}))
	return email
}

func invited(s *service) string {
	email := newPerson().email
	s.add(email, nil)
	return email
}

// state is a kind of accounts, with its name.
type state struct {
	name string
	kind kind
}

// states are all states of an account.
var states = []state{{"known", known}, {"unverified", unverified}, {"disabled", disabled}, {"invited", invited}}

// of makes requests about addresses of one kind.
func of(about func(email string) api.Request, somebody kind) func(*service) api.Request {
	return func(s *service) api.Request { return about(somebody(s)) }
}

func wrongLogin(email string) api.Request { return login(email, wrong) }
func emptyLogin(email string) api.Request { return login(email, "") }
func longLogin(email string) api.Request  { return login(email, strings.Repeat("long", 1000)) }
func commonRegister(email string) api.Request {
	return post("/email/register", api.Object{"email": email, "password": "password123"})
}
func reset(email string) api.Request {
	return post("/password/reset/request", api.Object{"email": email})
}
func verification(email string) api.Request {
	return post("/email/verify/request", api.Object{"email": email})
}

// requests returns the cases that cause at most a mail.
func requests() []comparison {
	var all []comparison
	for _, one := range states {
		all = append(
			all,
			comparison{"reset request: unknown / " + one.name, "V-16", http.StatusAccepted, false, of(reset, unknown), of(reset, one.kind)},
			comparison{"verification request: unknown / " + one.name, "V-16", http.StatusAccepted, false, of(verification, unknown), of(verification, one.kind)},
		)
	}
	return all
}

func registrations() []comparison {
	var all []comparison
	for _, one := range append(slices.Clone(states), state{"unverified, same password", sameUnverified}, state{"unverified, password dropped", contested}) {
		all = append(all, comparison{"register: unknown / " + one.name, "V-17", http.StatusAccepted, true, of(register, unknown), of(register, one.kind)})
	}
	return append(all, comparison{
		"register, common password: unknown / known", "V-17", http.StatusUnprocessableEntity, false,
		of(commonRegister, unknown), of(commonRegister, known),
	})
}

func logins() []comparison {
	var all []comparison
	for _, one := range states {
		all = append(all, comparison{"login: unknown / " + one.name, "V-15", http.StatusUnauthorized, true, of(wrongLogin, unknown), of(wrongLogin, one.kind)})
	}
	return append(
		all,
		comparison{"login, empty password: unknown / known", "V-15", http.StatusUnauthorized, true, of(emptyLogin, unknown), of(emptyLogin, known)},
		comparison{"login, over-long password: unknown / known", "V-15", http.StatusUnauthorized, true, of(longLogin, unknown), of(longLogin, known)},
	)
}

// oneOfEach lets an address sign in once an hour, and get one mail.
var oneOfEach = []string{"RATE_LIMIT_LOGIN_ACCOUNT_IP", "1/1h", "RATE_LIMIT_MAIL_RECIPIENT", "1/1h"}

// refusals returns the cases of addresses that are over a limit of oneOfEach.
func refusals() []comparison {
	over := func(about func(email string) api.Request, somebody kind) func(*service) api.Request {
		return func(s *service) api.Request {
			r := about(somebody(s))
			s.Do(r)
			return r
		}
	}
	const refused = http.StatusTooManyRequests
	var all []comparison
	for _, one := range states {
		all = append(
			all,
			comparison{"login over the limit: unknown / " + one.name, "V-15", refused, false, over(wrongLogin, unknown), over(wrongLogin, one.kind)},
			comparison{"reset request over the limit: unknown / " + one.name, "V-16, V-27", refused, false, over(reset, unknown), over(reset, one.kind)},
		)
	}
	return all
}

// tokens returns the cases of secrets from mails. They need a mail server.
func tokens(s *service) []comparison {
	address := unverified(s)
	verify := s.secretOf(address, 1)
	s.must(reset(address))
	secret := s.secretOf(address, 2)
	with := func(path string, more api.Object) func(token string) func(*service) api.Request {
		return func(token string) func(*service) api.Request {
			return func(*service) api.Request {
				body := api.Object{"token": token}
				for name, value := range more {
					body[name] = value
				}
				return post(path, body)
			}
		}
	}
	verifying := with("/email/verify", nil)
	confirming := with("/password/reset/confirm", api.Object{"new_password": wrong})
	checking := with("/password/reset/check", nil)
	const bad = http.StatusBadRequest
	return []comparison{
		{"check reset: random / one character off", "V-18", bad, false, checking(random(secret)), checking(off(secret))},
		{"verify: random / one character off", "V-18", bad, false, verifying(random(verify)), verifying(off(verify))},
		{"verify: random / of another kind", "V-18", bad, false, verifying(random(verify)), verifying(secret)},
		{"confirm reset: random / one character off", "V-18", bad, false, confirming(random(secret)), confirming(off(secret))},
		{"confirm reset: random / of another kind", "V-18", bad, false, confirming(random(secret)), confirming(verify)},
	}
}

// changes returns the cases of a signed-in user.
func changes(s *service) []comparison {
	p := newPerson()
	s.add(p.email, api.Object{"password": p.password, "email_verified": true})
	token := s.Login(p.email, p.password).Access
	change := func(email string) api.Request {
		return api.Request{Method: http.MethodPost, Path: "/api/auth/email/change", Token: token, Body: api.Object{"new_email": email, "current_password": p.password}}
	}
	return []comparison{
		{"change of address: free / taken", "V-17", http.StatusAccepted, true, of(change, unknown), of(change, known)},
		{"change of address: free / unverified", "V-17", http.StatusAccepted, true, of(change, unknown), of(change, unverified)},
	}
}

// off returns a secret with another second-last character, because the last one has
// unused bits.
func off(secret string) string {
	at := len(secret) - 2
	other := "A"
	if secret[at] == 'A' {
		other = "B"
	}
	return secret[:at] + other + secret[at+1:]
}

// random returns a random secret in the same form.
func random(like string) string {
	return strings.Map(func(r rune) rune {
		if r == 'q' {
			return 'w'
		}
		return 'q'
	}, like)
}
