package gateway

import (
	"fmt"
	"regexp"
	"strings"
)

// sections returns the parts of what `auth-service gateway` printed. Empty lines separate
// them, and comments say where each goes.
func sections(printed string, n int) ([]string, error) {
	parts := strings.Split(strings.TrimSpace(printed), "\n\n")
	if len(parts) != n {
		return nil, fmt.Errorf("%d parts instead of %d:\n%s", len(parts), n, printed)
	}
	return parts, nil
}

// inPlace puts lines where the first match of the pattern is, and removes all others.
func inPlace(text, pattern, lines string) (string, error) {
	all := regexp.MustCompile("(?m)^[ \t]*" + pattern + "\n")
	at := all.FindStringIndex(text)
	if at == nil {
		return "", fmt.Errorf("no line matches %s", pattern)
	}
	return text[:at[0]] + lines + "\n" + all.ReplaceAllLiteralString(text[at[0]:], ""), nil
}

func claimsNGINX(files map[string]string, printed string) error {
	parts, err := sections(printed, 2)
	if err != nil {
		return err
	}
	const server, identity = "auth-service.conf", "auth-service-identity.inc"
	files[server], err = inPlace(files[server], `(proxy_set_header X-Auth-.*|ignore_invalid_headers on;|underscores_in_headers off;)`, parts[0])
	if err != nil {
		return err
	}
	files[identity], err = inPlace(files[identity], `(auth_request_set|proxy_set_header X-Auth-).*`, parts[1])
	return err
}

func claimsHAProxy(name, text, printed string) (string, error) {
	parts, err := sections(printed, 3)
	if err != nil {
		return "", err
	}
	if name != "haproxy.cfg" {
		return inPlace(text, `\["x-auth-.*\] = .*`, parts[2])
	}
	text, err = inPlace(text, `http-request del-header '\^x\[\^a-z0-9\]auth'.*`, parts[0])
	if err != nil {
		return "", err
	}
	return inPlace(text, `http-request set-header X-Auth-.*`, parts[1])
}

func claimsCaddy(text, printed string) (string, error) {
	parts, err := sections(printed, 3)
	if err != nil {
		return "", err
	}
	text, err = inPlace(text, `request_header -X(-Auth\*|_\*|\.\*)`, parts[0])
	if err != nil {
		return "", err
	}
	// The last part follows the block that the line is in.
	_, rest, _ := strings.Cut(parts[1], "\n")
	return inPlace(text, `(copy_headers .*\n\t\}|@no_auth_methods .*|request_header @no_auth_methods .*)`, rest+"\n}\n"+parts[2])
}
