package transfer

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/seed543b3b27/auth-service/ports"
)

// kratosIdentity is an identity in the form of Kratos's admin API.
type kratosIdentity struct {
	ID          string         `json:"id"`
	State       string         `json:"state"`
	Traits      jsontext.Value `json:"traits"`
	Public      jsontext.Value `json:"metadata_public"`
	CreatedAt   string         `json:"created_at"`
	UpdatedAt   string         `json:"updated_at"`
	Credentials struct {
		TOTP     jsontext.Value `json:"totp"`
		Codes    jsontext.Value `json:"lookup_secret"`
		WebAuthn jsontext.Value `json:"webauthn"`
		Passkey  jsontext.Value `json:"passkey"`
		Password *struct {
			Identifiers []string `json:"identifiers"`
			// Config is absent unless the request asked for it.
			Config *struct {
				HashedPassword string `json:"hashed_password"`
			} `json:"config"`
		} `json:"password"`
	} `json:"credentials"`
	VerifiableAddresses []struct {
		Value    string `json:"value"`
		Via      string `json:"via"`
		Verified bool   `json:"verified"`
	} `json:"verifiable_addresses"`
}

// identities moves to the next identity. The file is a sequence of documents,
// each an identity or an array of identities.
func identities(d *jsontext.Decoder) error {
	for {
		switch kind := d.PeekKind(); {
		case d.StackDepth() == 0 && kind == '[', d.StackDepth() == 1 && kind == ']':
			if _, err := d.ReadToken(); err != nil {
				return err
			}
		case kind == jsontext.KindInvalid:
			_, err := d.ReadToken() // returns the reason
			return err
		default:
			return nil
		}
	}
}

func kratosRow(value jsontext.Value) (names, values []string, problem string) {
	var identity kratosIdentity
	if err := json.Unmarshal(value, &identity); err != nil {
		return nil, nil, "The identity does not have the form of a Kratos identity."
	}
	row := newFields()
	row.identifier(identity.ID)
	email := identity.email()
	row.set(fieldEmail, email)
	row.note(fieldUsername, identity.username())
	row.note(fieldLeft, identity.left())
	if password := identity.Credentials.Password; password != nil {
		if password.Config == nil {
			return nil, nil, "The identity has a password that the export leaves out; ask for it with include_credential=password."
		}
		row.set(fieldPasswordHash, password.Config.HashedPassword)
	}
	row.set(fieldDisabled, strconv.FormatBool(identity.State == "inactive"))
	verified := false
	for _, address := range identity.VerifiableAddresses {
		verified = verified || address.Via == "email" && address.Verified && strings.EqualFold(address.Value, email)
	}
	row.set(fieldEmailVerified, strconv.FormatBool(verified))
	row.set(fieldCreatedAt, identity.CreatedAt)
	row.set(fieldUpdatedAt, identity.UpdatedAt)
	// Users write traits, and read metadata_public. They do not read metadata_admin, which
	// therefore is left out: they read all of app.
	profile := membersOf(identity.Traits)
	delete(profile, "email")
	row.object(fieldProfile, profile)
	row.object(fieldApp, membersOf(identity.Public))
	return row.names, row.values, ""
}

// membersOf returns the members of a JSON object; none of any other value.
func membersOf(text jsontext.Value) map[string]any {
	var object map[string]jsontext.Value
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	members := make(map[string]any, len(object))
	for name, value := range object {
		members[name] = value
	}
	return members
}

// email returns the address: the trait of that name, or the address that the
// schema verifies or uses for sign-in.
func (i kratosIdentity) email() string {
	var traits struct {
		Email string `json:"email"`
	}
	if json.Unmarshal(i.Traits, &traits) == nil && traits.Email != "" {
		return traits.Email
	}
	for _, address := range i.VerifiableAddresses {
		if address.Via == "email" {
			return address.Value
		}
	}
	if name := i.username(); strings.Contains(name, "@") {
		return name
	}
	return ""
}

// username returns the name by which the identity signs in with a password; empty without
// one.
func (i kratosIdentity) username() string {
	if password := i.Credentials.Password; password != nil && len(password.Identifiers) > 0 {
		return password.Identifiers[0]
	}
	return ""
}

// left returns the kinds of state that the import leaves out.
func (i kratosIdentity) left() string {
	for _, credential := range []jsontext.Value{i.Credentials.TOTP, i.Credentials.Codes, i.Credentials.WebAuthn, i.Credentials.Passkey} {
		if credential.Kind() == '{' {
			return ports.LeftSecondFactor
		}
	}
	return ""
}

// fieldList collects the fields of a user from a document.
type fieldList struct{ names, values []string }

func newFields() *fieldList { return &fieldList{names: []string{}} }

func (f *fieldList) set(name, value string) {
	f.names, f.values = append(f.names, name), append(f.values, value)
}

// note sets a field about the user that is not stored, unless it is empty.
func (f *fieldList) note(name, value string) {
	if value != "" {
		f.set(name, value)
	}
}

// object sets a field to a JSON object, unless it has no members.
func (f *fieldList) object(name string, members map[string]any) {
	if len(members) == 0 {
		return
	}
	text, err := json.Marshal(members, json.Deterministic(true))
	if err != nil {
		text = []byte("null") // texts, lists of texts and JSON values have no such error
	}
	f.set(name, string(text))
}

// identifier sets the user's identifier: a UUID becomes the id, any other text
// the legacy_id.
func (f *fieldList) identifier(id string) {
	if uuid.Validate(id) == nil && len(id) == 36 {
		f.set(fieldID, id)
		return
	}
	f.set(fieldLegacyID, id)
}
