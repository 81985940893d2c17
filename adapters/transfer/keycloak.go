package transfer

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/ports"
)

// keycloakUser is a user in an export of a realm.
type keycloakUser struct {
	ID                     string               `json:"id"`
	Username               string               `json:"username"`
	Email                  string               `json:"email"`
	EmailVerified          bool                 `json:"emailVerified"`
	Enabled                *bool                `json:"enabled"`
	CreatedTimestamp       int64                `json:"createdTimestamp"` // milliseconds since 1970
	ServiceAccountClientID string               `json:"serviceAccountClientId"`
	Credentials            []keycloakCredential `json:"credentials"`
	FirstName              string               `json:"firstName"`
	LastName               string               `json:"lastName"`
	Attributes             map[string][]string  `json:"attributes"`
	RequiredActions        []string             `json:"requiredActions"`
}

// keycloakCredential holds JSON inside strings.
type keycloakCredential struct {
	Type           string `json:"type"`
	Temporary      bool   `json:"temporary"`
	SecretData     string `json:"secretData"`
	CredentialData string `json:"credentialData"`
}

type keycloakSecret struct {
	Value string `json:"value"`
	Salt  string `json:"salt"`
}

type keycloakParameters struct {
	Algorithm  string              `json:"algorithm"`
	Iterations int                 `json:"hashIterations"`
	Additional map[string][]string `json:"additionalParameters"`
}

// keycloakUsers moves to the next element of "users" in a realm or a file of
// users.
type keycloakUsers struct{ found bool }

func (k *keycloakUsers) seek(d *jsontext.Decoder) error {
	for {
		switch d.StackDepth() {
		case 0:
			start, err := d.ReadToken()
			if errors.Is(err, io.EOF) && !k.found {
				return errors.New("the file holds no users; export them with --users same_file or different_files")
			}
			if err != nil {
				return err
			}
			if start.Kind() != '{' {
				return errors.New("the file is not an export of one realm; make one with kc.sh export --realm")
			}
		case 1:
			name, err := d.ReadToken()
			if err != nil {
				return err
			}
			if name.Kind() != '"' {
				continue // the end of the document
			}
			if name.String() != "users" || d.PeekKind() != '[' {
				err = d.SkipValue()
			} else {
				k.found = true
				_, err = d.ReadToken()
			}
			if err != nil {
				return err
			}
		default:
			if d.PeekKind() != ']' {
				return nil
			}
			if _, err := d.ReadToken(); err != nil {
				return err
			}
		}
	}
}

func keycloakRow(value jsontext.Value) (names, values []string, problem string) {
	var user keycloakUser
	if err := json.Unmarshal(value, &user); err != nil {
		return nil, nil, "The user does not have the form of a Keycloak user."
	}
	if user.ServiceAccountClientID != "" {
		return nil, nil, "" // the account of a client, not of a person
	}
	email := user.Email
	if email == "" && strings.Contains(user.Username, "@") {
		email = user.Username
	}
	hash, problem := user.hash()
	if problem != "" {
		return nil, nil, problem
	}
	row := newFields()
	row.identifier(user.ID)
	row.set(fieldEmail, email)
	row.set(fieldPasswordHash, hash)
	row.set(fieldDisabled, strconv.FormatBool(user.Enabled != nil && !*user.Enabled))
	row.set(fieldEmailVerified, strconv.FormatBool(user.EmailVerified && user.Email != "" && !slices.Contains(user.RequiredActions, actionVerifyEmail)))
	if user.mustChangePassword() {
		row.set(fieldChange, "true")
	}
	row.note(fieldUsername, user.Username)
	row.note(fieldLeft, user.left())
	if user.CreatedTimestamp > 0 {
		row.set(fieldCreatedAt, time.UnixMilli(user.CreatedTimestamp).UTC().Format(time.RFC3339Nano))
	}
	row.object(fieldProfile, user.profile())
	return row.names, row.values, ""
}

// The required actions of Keycloak that have an equal here.
const (
	actionVerifyEmail    = "VERIFY_EMAIL"
	actionUpdatePassword = "UPDATE_PASSWORD"
)

// mustChangePassword reports whether the next sign-in must replace the password.
func (u keycloakUser) mustChangePassword() bool {
	return slices.Contains(u.RequiredActions, actionUpdatePassword) ||
		slices.ContainsFunc(u.Credentials, func(c keycloakCredential) bool { return c.Type == "password" && c.Temporary })
}

// left returns the kinds of state that the import leaves out.
func (u keycloakUser) left() string {
	var kinds []string
	if slices.ContainsFunc(u.Credentials, keycloakCredential.isSecondFactor) {
		kinds = append(kinds, ports.LeftSecondFactor)
	}
	if slices.ContainsFunc(u.RequiredActions, func(a string) bool { return a != actionVerifyEmail && a != actionUpdatePassword }) {
		kinds = append(kinds, ports.LeftRequiredAction)
	}
	return strings.Join(kinds, " ")
}

// isSecondFactor reports whether the credential is a second factor or a passkey.
func (c keycloakCredential) isSecondFactor() bool {
	return slices.Contains([]string{"otp", "totp", "hotp", "webauthn", "webauthn-passwordless", "recovery-authn-codes"}, c.Type)
}

// profile returns the names of the person and the attributes. Attributes never become app,
// because the export does not tell which of them users may write. An attribute with one value
// becomes a text, another one a list.
func (u keycloakUser) profile() map[string]any {
	profile := map[string]any{}
	for name, values := range u.Attributes {
		if profile[name] = values; len(values) == 1 {
			profile[name] = values[0]
		}
	}
	for name, value := range map[string]string{
		"given_name": u.FirstName, "family_name": u.LastName, "name": strings.TrimSpace(u.FirstName + " " + u.LastName),
	} {
		if value != "" {
			profile[name] = value
		}
	}
	return profile
}

// hash returns the password's hash in a form that the password adapter checks.
func (u keycloakUser) hash() (encoded, problem string) {
	for _, credential := range u.Credentials {
		if credential.Type != "password" {
			continue
		}
		var secret keycloakSecret
		var parameters keycloakParameters
		const unreadable = "The password credential does not have the form of Keycloak's."
		if json.Unmarshal([]byte(credential.SecretData), &secret) != nil || json.Unmarshal([]byte(credential.CredentialData), &parameters) != nil {
			return "", unreadable
		}
		salt, errSalt := base64.StdEncoding.DecodeString(secret.Salt)
		key, errKey := base64.StdEncoding.DecodeString(secret.Value)
		if errSalt != nil || errKey != nil {
			return "", unreadable
		}
		return parameters.encode(salt, key), ""
	}
	return "", ""
}

// encode writes a hash as a PHC string. An unknown algorithm gives a string that
// the password adapter refuses.
func (p keycloakParameters) encode(salt, key []byte) string {
	encodedSalt, encodedKey := base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)
	switch digest, isPBKDF2 := strings.CutPrefix(p.Algorithm, "pbkdf2"); {
	case isPBKDF2:
		if digest == "" {
			digest = "-sha1"
		}
		return fmt.Sprintf("$pbkdf2%s$i=%d,l=%d$%s$%s", digest, p.Iterations, len(key), encodedSalt, encodedKey)
	case p.Algorithm == "argon2" && p.additional("version") == "1.3":
		return fmt.Sprintf("$argon2%s$v=19$m=%s,t=%d,p=%s$%s$%s", p.additional("type"), p.additional("memory"), p.Iterations,
			p.additional("parallelism"), encodedSalt, encodedKey)
	}
	return "unsupported"
}

func (p keycloakParameters) additional(name string) string {
	if values := p.Additional[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}
