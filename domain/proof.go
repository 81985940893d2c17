package domain

import (
	"slices"
	"strings"
	"time"
)

// Method is a way for a user to prove their identity. Its value is the name in
// RFC 8176 (authentication method reference values), if that lists the method.
type Method string

// The methods.
const (
	// MethodPassword is a password.
	MethodPassword Method = "pwd"
	// MethodOneTimeCode is a code of an authenticator application (TOTP).
	MethodOneTimeCode Method = "otp"
	// MethodRecoveryCode is one of the codes that a user keeps for the day on which the other
	// factors are lost. RFC 8176 lists no name for it.
	MethodRecoveryCode Method = "recovery_code"
	// MethodMultiFactor marks a list of methods that make up two factors. It is not
	// itself a way to prove an identity.
	MethodMultiFactor Method = "mfa"
)

// Proof is one check that a user has passed to prove their identity.
type Proof struct {
	Method Method
	// At is when the service checked it.
	At time.Time
	// MultiFactor is true if the proof alone counts as two factors, as a
	// passkey with user verification does.
	MultiFactor bool
	// Source names the credential or factor that was used, or the issuer and
	// subject of another identity. Proofs of one Source count once.
	Source string
}

// ProofByPassword returns the proof of a user whose password was checked at at.
func ProofByPassword(at time.Time) Proof {
	return Proof{Method: MethodPassword, At: at, Source: string(MethodPassword)}
}

// Proofs are the proofs of one sign-in so far, in the order of the checks.
type Proofs []Proof

// With returns the proofs with one more. A newer proof of the same source
// replaces the older one, so it never counts twice.
func (p Proofs) With(proof Proof) Proofs {
	rest := slices.DeleteFunc(slices.Clone(p), func(other Proof) bool { return other.Source == proof.Source })
	return append(rest, proof)
}

// Factors returns how many factors the proofs make up: 0, 1, or 2 for two and more.
// Two proofs are two factors if they differ in method and in source, so that two
// one-time codes of two devices are one factor.
func (p Proofs) Factors() int {
	for i, proof := range p {
		if proof.MultiFactor || slices.ContainsFunc(p[:i], func(other Proof) bool {
			return other.Method != proof.Method && other.Source != proof.Source
		}) {
			return 2
		}
	}
	return min(len(p), 1)
}

// Methods returns the methods of the proofs, each once, and MethodMultiFactor
// behind them if they make up two factors.
func (p Proofs) Methods() []Method {
	var methods []Method
	for _, proof := range p {
		if !slices.Contains(methods, proof.Method) {
			methods = append(methods, proof.Method)
		}
	}
	if p.Factors() > 1 {
		methods = append(methods, MethodMultiFactor)
	}
	return methods
}

// LastAt returns when the latest proof was checked. It is zero without a proof.
func (p Proofs) LastAt() time.Time {
	var last time.Time
	for _, proof := range p {
		if proof.At.After(last) {
			last = proof.At
		}
	}
	return last
}

// joinMethods returns methods as sessions store them: separated by spaces.
func joinMethods(methods []Method) string {
	words := make([]string, len(methods))
	for i, m := range methods {
		words[i] = string(m)
	}
	return strings.Join(words, " ")
}

// areMethods reports whether text has the form that joinMethods makes: names of
// lower-case letters, digits and underscores, separated by single spaces.
func areMethods(text string) bool {
	for name := range strings.SplitSeq(text, " ") {
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return false
		}
	}
	return true
}

// splitMethods returns the methods of a text from joinMethods.
func splitMethods(text string) []Method {
	words := strings.Fields(text)
	methods := make([]Method, len(words))
	for i, w := range words {
		methods[i] = Method(w)
	}
	return methods
}
