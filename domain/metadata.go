package domain

import (
	"errors"
	"strings"
	"time"
)

// Metadata is what applications keep with a user: two JSON objects. The user reads and
// writes Profile. Administrators and the operator write App, which the user reads.
type Metadata struct{ s MetadataSnapshot }

// MetadataSnapshot is the stored form of Metadata.
type MetadataSnapshot struct {
	UserID UserID
	// Profile and App are JSON objects with their members in the order of their names, without white space.
	Profile string
	App     string
	// Version counts changes. It is 0 before the first one, when nothing is stored.
	Version int64
	// UpdatedAt is the time of the last change; zero before the first one.
	UpdatedAt time.Time
}

// emptyObject is the JSON object without members.
const emptyObject = "{}"

// NewMetadata returns the metadata of a user that has none: two empty objects of version 0.
func NewMetadata(id UserID) *Metadata {
	return &Metadata{MetadataSnapshot{UserID: id, Profile: emptyObject, App: emptyObject}}
}

// RestoreMetadata rebuilds stored metadata. It checks the structure only. Errors: an
// internal error that names the broken field.
func RestoreMetadata(s MetadataSnapshot) (*Metadata, error) {
	switch {
	case s.UserID.IsZero():
		return nil, errors.New("domain: restoring metadata: no user")
	case !looksLikeObject(s.Profile):
		return nil, errors.New("domain: restoring metadata: the profile is not an object")
	case !looksLikeObject(s.App):
		return nil, errors.New("domain: restoring metadata: app is not an object")
	case s.Version < 0:
		return nil, errors.New("domain: restoring metadata: version below 0")
	}
	return &Metadata{s}, nil
}

func looksLikeObject(s string) bool { return strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") }

// Snapshot returns the stored form.
func (m *Metadata) Snapshot() MetadataSnapshot { return m.s }

// UserID returns the user that the metadata belongs to.
func (m *Metadata) UserID() UserID { return m.s.UserID }

// Profile returns the object that the user writes, as JSON text.
func (m *Metadata) Profile() string { return m.s.Profile }

// App returns the object that administrators write, as JSON text.
func (m *Metadata) App() string { return m.s.App }

// Version returns the number of changes so far.
func (m *Metadata) Version() int64 { return m.s.Version }

// Saved returns the metadata as a save of it stored it: with the next version.
func (m *Metadata) Saved() *Metadata {
	saved := *m
	saved.s.Version++
	return &saved
}

// IsEmpty reports whether both objects have no members.
func (m *Metadata) IsEmpty() bool { return m.s.Profile == emptyObject && m.s.App == emptyObject }

// LosesProfile reports whether the save of user empties a profile that has members; see
// User.DropsProfile. The caller then records EventProfileChanged with the save.
func (m *Metadata) LosesProfile(user *User) bool {
	return user.dropsProfile && m.s.Profile != emptyObject
}

// After returns the metadata of user, which was loaded before, as one save of user leaves it.
func (m *Metadata) After(user *User) *Metadata {
	if !user.dropsProfile {
		return m
	}
	after := m.Saved()
	after.s.Profile, after.s.UpdatedAt = emptyObject, user.s.UpdatedAt
	return after
}

// MetadataPatch changes metadata. Each part is a JSON Merge Patch (RFC 7396) as JSON text: an object
// whose null members delete, or null, which empties the whole. An empty text changes nothing.
type MetadataPatch struct {
	Profile string
	App     string
	// Version is the version that the patch was made for. It is nil for a patch of the
	// newest one.
	Version *int64
}

// IsEmpty reports whether the patch names neither part.
func (p MetadataPatch) IsEmpty() bool { return p.Profile == "" && p.App == "" }

// Apply changes the metadata by a patch, and reports what changed. The values that claims
// come from must keep the rules of claims. Errors: ErrVersionConflict, ErrInvalidMetadata at profile or app.
func (m *Metadata) Apply(p MetadataPatch, claims ClaimMap, now time.Time) (MetadataChange, error) {
	if p.Version != nil && *p.Version != m.s.Version {
		return MetadataChange{}, ErrVersionConflict
	}
	next := m.s
	var err error
	if next.Profile, err = mergeObject(next.Profile, p.Profile); err != nil {
		return MetadataChange{}, AtField(err, fieldProfile)
	}
	if next.App, err = mergeObject(next.App, p.App); err != nil {
		return MetadataChange{}, AtField(err, fieldApp)
	}
	if err := claims.check(m.s, next); err != nil {
		return MetadataChange{}, err
	}
	change := MetadataChange{Profile: next.Profile != m.s.Profile, App: next.App != m.s.App}
	if change.Any() {
		next.UpdatedAt = now
		m.s = next
	}
	return change, nil
}

// MetadataChange is which parts of metadata changed. A caller that stores the metadata
// records an event for each.
type MetadataChange struct{ Profile, App bool }

// Any reports whether a part changed.
func (c MetadataChange) Any() bool { return c.Profile || c.App }

// Events returns the types of the events of the change.
func (c MetadataChange) Events() (types []EventType) {
	if c.Profile {
		types = append(types, EventProfileChanged)
	}
	if c.App {
		types = append(types, EventAppChanged)
	}
	return types
}

// The names of the parts.
const (
	fieldProfile = "profile"
	fieldApp     = "app"
)
