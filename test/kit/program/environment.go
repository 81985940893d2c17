package program

import (
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// Env is the whole environment of a process.
type Env map[string]string

// Cheap returns the environment for suites that do not test the cost of a hash. At full
// cost their many logins would take minutes.
func Cheap() Env { return Env{"BCRYPT_COST": "10"} }

// MailServer is the server to which a program in production sends its mails.
type MailServer struct {
	Host string
	Port int
	// Username and Password are left out if empty.
	Username, Password string
}

// Production returns the environment of a replica, with cheap hashes. Its keys are
// new each time, so replicas of one service must share one environment.
func Production(databaseURL string, mails MailServer) Env {
	return Cheap().With(
		"DATABASE_URL", databaseURL,
		"JWT_SECRET_KEY", "key-canary-"+strings.ToLower(rand.Text()+rand.Text()),
		"DATA_ENCRYPTION_KEYS", configtest.DataKey(),
		"PUBLIC_URL", "http://auth.example.com",
		"HTTP_ADDR", "127.0.0.1:0",
		"SMTP_HOST", mails.Host,
		"SMTP_PORT", strconv.Itoa(mails.Port),
		"SMTP_USERNAME", mails.Username,
		"SMTP_PASSWORD", mails.Password,
		"SMTP_TLS", "none",
		"SMTP_FROM", "Example <auth@example.com>",
	)
}

// With returns a copy with more variables, given as names and values in turn;
// an empty value removes one.
func (e Env) With(pairs ...string) Env {
	c := Env{}
	for name, value := range e {
		c[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		c[pairs[i]] = pairs[i+1]
		if pairs[i+1] == "" {
			delete(c, pairs[i])
		}
	}
	return c
}

// Unlimited returns a copy without rate limits and without locks by wrong passwords, for
// suites that do not test limits. Their single client sends more requests than any user.
func (e Env) Unlimited() Env {
	for _, limit := range ports.Limits() {
		e = e.With("RATE_LIMIT_"+strings.ToUpper(string(limit)), "off")
	}
	return e.With("LOGIN_FAILURES", "off")
}

func (e Env) list() []string {
	list := make([]string, 0, len(e))
	for name, value := range e {
		list = append(list, name+"="+value)
	}
	return list
}
