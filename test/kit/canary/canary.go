package canary

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// minLength is the minimum length of a secret, in bytes. Anything shorter would
// be found by chance.
const minLength = 8

// contextBefore and contextAfter are the numbers of bytes shown around a found
// secret.
const (
	contextBefore = 120
	contextAfter  = 40
)

// Canary holds secrets to search for. It is safe for concurrent use.
type Canary struct {
	mu      sync.Mutex
	secrets map[string]bool
}

// New returns a Canary without secrets.
func New() *Canary { return &Canary{secrets: map[string]bool{}} }

// Add adds secrets. It ignores empty ones, and panics for one of fewer than eight
// bytes, which is a mistake of the test. For a JSON Web Token it also adds the
// signature.
func (c *Canary) Add(secrets ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		if len(secret) < minLength {
			panic(fmt.Sprintf("canary: %q would be found by chance", secret))
		}
		c.secrets[secret] = true
		if parts := strings.Split(secret, "."); len(parts) == 3 && len(parts[2]) >= minLength {
			c.secrets[parts[2]] = true
		}
	}
}

// Len returns the number of secrets.
func (c *Canary) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.secrets)
}

// Found returns the secrets that text holds in any spelling, each once and with the text
// around it. Its time depends on the length of the text, and hardly on the number of
// secrets.
func (c *Canary) Found(text string) []string {
	spelled := c.bySpelling()
	seen := map[string]bool{}
	var found []string
	for at := 0; at+minLength <= len(text); at++ {
		for _, s := range spelled[keyAt(text, at)] {
			if seen[s.secret] || !strings.HasPrefix(text[at:], s.text) {
				continue
			}
			seen[s.secret] = true
			around := text[max(0, at-contextBefore):min(len(text), at+len(s.text)+contextAfter)]
			found = append(found, fmt.Sprintf("%q in …%s…", s.secret, around))
		}
	}
	return found
}

// AssertAbsent fails the test if text holds a secret.
func (c *Canary) AssertAbsent(t testing.TB, where, text string) {
	t.Helper()
	if c.Len() == 0 {
		t.Errorf("S-46: there are no secrets to search for in %s", where)
	}
	if found := c.Found(text); len(found) > 0 {
		t.Errorf("S-46: %s holds secrets:\n%s", where, strings.Join(found, "\n"))
	}
}

// spelling is one form of a secret.
type spelling struct{ text, secret string }

// bySpelling returns the spellings of all secrets by their first bytes.
func (c *Canary) bySpelling() map[uint64][]spelling {
	c.mu.Lock()
	defer c.mu.Unlock()
	spelled := map[uint64][]spelling{}
	for secret := range c.secrets {
		for _, text := range Spellings(secret) {
			key := keyAt(text, 0)
			spelled[key] = append(spelled[key], spelling{text, secret})
		}
	}
	return spelled
}

// keyAt returns the bytes by which spellings are looked up.
func keyAt(text string, at int) uint64 {
	return binary.LittleEndian.Uint64([]byte(text[at : at+minLength]))
}
