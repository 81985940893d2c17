package gateway

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Host is the name that the shipped configurations serve.
const Host = "auth.example.com"

// Site holds the addresses behind a shipped gateway, each as host:port.
type Site struct {
	// Replicas are the two replicas of the service.
	Replicas [2]string
	// App is the application that forward-auth protects.
	App string
	// Tracing holds lines of HAProxy that begin its own trace. They go below the lines
	// that remove a client's trace. Other gateways ignore them.
	Tracing string
	// Claims is what `auth-service gateway` printed for this gateway. It goes where it
	// says, in place of the lines of the shipped files. Empty leaves these as they are.
	Claims string
	// Demand is what the questions about administrators ask for beside the role, such as
	// &mfa=true. Empty leaves the shipped files as they are.
	Demand string
}

// demanding adds the demand of a site to the question about administrators, which ends with
// the given words.
func (s Site) demanding(text, question string) (string, error) {
	if !strings.Contains(text, question) {
		return "", fmt.Errorf("the file has no %q", question)
	}
	end := question[len(question)-1:]
	return strings.Replace(text, question, strings.TrimSuffix(question, end)+s.Demand+end, 1), nil
}

// Shipped is a gateway with the configuration that the folder deploy gives
// operators. Only the addresses differ.
type Shipped struct {
	// Name is shown in messages.
	Name string
	// ChecksHealth reports whether the gateway itself requests /readyz from
	// replicas.
	ChecksHealth bool

	kind      Kind
	configure func(folder string, l listens, site Site) (arguments, environment []string, err error)
}

// listens are the addresses of a shipped gateway, without and with TLS.
type listens struct{ plain, secure string }

// AllShipped returns all gateways that the folder deploy configures.
func AllShipped() []Shipped {
	caddy := Kind{Name: "Caddy", program: "caddy", install: "apt-get install --no-install-recommends caddy"}
	return []Shipped{
		{Name: "nginx", kind: NGINX(), configure: shippedNGINX},
		{Name: "HAProxy", ChecksHealth: true, kind: HAProxy(), configure: shippedHAProxy},
		{Name: "Caddy", ChecksHealth: true, kind: caddy, configure: shippedCaddy},
	}
}

// Start runs a gateway until the test ends. If it cannot be started, the test
// fails with the reason.
func (s Shipped) Start(t testing.TB, site Site) *Gateway {
	t.Helper()
	kind := s.kind
	kind.prepare = func(folder string, g *Gateway) ([]string, []string, error) {
		pool, err := certificate(folder)
		if err != nil {
			return nil, nil, err
		}
		port, err := freePort()
		if err != nil {
			return nil, nil, err
		}
		g.PlainAddr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		g.URL = "https://" + g.Addr
		g.TLS = &tls.Config{RootCAs: pool, ServerName: Host, MinVersion: tls.VersionTLS12}
		// The path is never routed, and only this gateway has the certificate.
		g.alive = http.StatusNotFound
		return s.configure(folder, listens{g.PlainAddr, g.Addr}, site)
	}
	return kind.Start(t)
}

// deployed reads a file of the folder deploy.
func deployed(path ...string) (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("no go.mod above %s", folder)
		}
		folder = filepath.Dir(folder)
	}
	text, err := os.ReadFile(filepath.Join(append([]string{folder, "deploy"}, path...)...))
	return string(text), err
}

// change replaces words only in lines that are marked CHANGE.
func change(text string, words map[string]string) (string, error) {
	lines := strings.Split(text, "\n")
	used := map[string]bool{}
	for i, line := range lines {
		if !strings.Contains(line, "# CHANGE") {
			continue
		}
		for old, replacement := range words {
			if strings.Contains(line, old) {
				lines[i], used[old] = strings.Replace(line, old, replacement, 1), true
			}
		}
	}
	for old := range words {
		if !used[old] {
			return "", fmt.Errorf("no line marked CHANGE has %q", old)
		}
	}
	return strings.Join(lines, "\n"), nil
}

// putBelow inserts lines below the line with the given end.
func putBelow(text, end, lines string) (string, error) {
	before, after, found := strings.Cut(text, end+"\n")
	if !found {
		return "", fmt.Errorf("no line ends with %q", end)
	}
	return before + end + "\n" + lines + after, nil
}

// mainNGINX replaces /etc/nginx/nginx.conf.
const mainNGINX = `%s
daemon off;
worker_processes 2;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path bodies; proxy_temp_path answers;
	fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	include auth-service.conf;
}
`

func shippedNGINX(folder string, l listens, site Site) (arguments, environment []string, err error) {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // the owner of the folder
	}
	files := map[string]string{"nginx.conf": fmt.Sprintf(mainNGINX, user)}
	for _, name := range []string{"auth-service.conf", "auth-service-identity.inc", "auth-service-question.inc", "auth-service-limits.inc"} {
		if files[name], err = deployed("nginx", name); err != nil {
			return nil, nil, err
		}
	}
	files["auth-service.conf"], err = change(files["auth-service.conf"], map[string]string{
		"127.0.0.1:8001":           site.Replicas[0],
		"127.0.0.1:8002":           site.Replicas[1],
		"127.0.0.1:9000":           site.App,
		"listen 80;":               "listen " + l.plain + ";",
		"listen 443 ":              "listen " + l.secure + " ",
		"/etc/ssl/auth-service/":   folder + "/",
		"/etc/nginx/auth-service-": folder + "/auth-service-",
	})
	if err == nil && site.Claims != "" {
		err = claimsNGINX(files, site.Claims)
	}
	if err == nil {
		files["auth-service.conf"], err = site.demanding(files["auth-service.conf"], "forward-auth?role=admin;")
	}
	if err != nil {
		return nil, nil, err
	}
	for name, text := range files {
		if err := write(folder, name, text); err != nil {
			return nil, nil, err
		}
	}
	return []string{"-e", "stderr", "-p", folder, "-c", "nginx.conf"}, nil, nil
}

func shippedHAProxy(folder string, l listens, site Site) (arguments, environment []string, err error) {
	for _, name := range []string{"haproxy.cfg", "forward-auth.lua"} {
		text, err := deployed("haproxy", name)
		if err == nil && name == "haproxy.cfg" {
			text, err = putBelow(text, "del-header baggage", site.Tracing)
		}
		if err == nil && name == "haproxy.cfg" {
			text, err = site.demanding(text, "lua.forward_auth admin ")
		}
		if err == nil && site.Claims != "" {
			text, err = claimsHAProxy(name, text, site.Claims)
		}
		if err != nil {
			return nil, nil, err
		}
		if err := write(folder, name, text); err != nil {
			return nil, nil, err
		}
	}
	return []string{"-db", "-f", "haproxy.cfg"}, []string{
		"AUTH_REPLICA_1=" + site.Replicas[0],
		"AUTH_REPLICA_2=" + site.Replicas[1],
		"DEMO_APP=" + site.App,
		"AUTH_HTTP=" + l.plain,
		"AUTH_HTTPS=" + l.secure,
		"AUTH_CERTIFICATE=" + filepath.Join(folder, "both.pem"),
		"AUTH_SCRIPT=" + filepath.Join(folder, "forward-auth.lua"),
		"AUTH_QUESTIONS=abns@" + rand.Text(),
	}, nil
}

func shippedCaddy(folder string, l listens, site Site) (arguments, environment []string, err error) {
	text, err := deployed("caddy", "Caddyfile")
	if err == nil && site.Claims != "" {
		text, err = claimsCaddy(text, site.Claims)
	}
	if err == nil {
		text, err = site.demanding(text, "import role admin\n")
	}
	if err != nil {
		return nil, nil, err
	}
	_, plain, err := net.SplitHostPort(l.plain)
	if err != nil {
		return nil, nil, err
	}
	_, secure, err := net.SplitHostPort(l.secure)
	if err != nil {
		return nil, nil, err
	}
	return []string{"run", "--config", "Caddyfile", "--adapter", "caddyfile"}, []string{
		"AUTH_REPLICA_1=" + site.Replicas[0],
		"AUTH_REPLICA_2=" + site.Replicas[1],
		"DEMO_APP=" + site.App,
		"AUTH_CADDY_ADMIN=off",
		"AUTH_HTTP_PORT=" + plain,
		"AUTH_HTTPS_PORT=" + secure,
		"AUTH_SITE_OPTIONS=bind 127.0.0.1\n\ttls " + folder + "/tls.crt " + folder + "/tls.key",
		"HOME=" + folder,
		"XDG_DATA_HOME=" + folder,
		"XDG_CONFIG_HOME=" + folder,
	}, write(folder, "Caddyfile", text)
}
