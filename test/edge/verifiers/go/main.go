// Command go verifies tokens with libraries for Go. It reads one question a line and
// writes one answer a line, both in JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// settings are those of a verifier. Either Keys or Secret is set.
type settings struct {
	Verifier string `json:"verifier"`
	// Keys is the address of the key set.
	Keys string `json:"keys"`
	// Secret signs by HS256.
	Secret     string   `json:"secret"`
	Issuer     string   `json:"issuer"`
	Audience   string   `json:"audience"`
	Algorithms []string `json:"algorithms"`
	// Typed adds the line of docs/keys.md.
	Typed bool `json:"typed"`
}

// verify returns the subject of a good token, and an error for every other one.
type verify func(ctx context.Context, token string) (subject string, err error)

var errNotAccess = errors.New("not an access token")

var verifiers = map[string]func(context.Context, settings) (verify, error){
	"golang-jwt":        golangJWT,
	"jwx":               jwx,
	"go-jose":           goJOSE,
	"go-oidc":           goOIDC,
	"go-jwt-middleware": middleware,
}

func main() {
	if err := answer(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(ctx context.Context) error {
	made := map[string]verify{} // they keep their key sets, as in a server
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var question struct {
			settings
			Token string `json:"token"`
		}
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			return err
		}
		subject, err := ask(ctx, made, question.settings, question.Token)
		answer := map[string]string{"subject": subject}
		if err != nil {
			answer = map[string]string{"refused": err.Error()}
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

func ask(ctx context.Context, made map[string]verify, s settings, token string) (string, error) {
	name := fmt.Sprint(s)
	if made[name] == nil {
		create, known := verifiers[s.Verifier]
		if !known {
			return "", errors.New("unknown verifier " + s.Verifier)
		}
		v, err := create(ctx, s)
		if err != nil {
			return "", err
		}
		made[name] = v
	}
	return made[name](ctx, token)
}
