package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Kinds returns all gateways.
func Kinds() []Kind { return []Kind{NGINX(), HAProxy()} }

// NGINX is nginx with `upstream { keepalive }`. It streams bodies, so that chunks
// stay chunks.
func NGINX() Kind {
	return Kind{
		Name:      "nginx",
		program:   "nginx",
		install:   "apt-get install --no-install-recommends nginx-light",
		configure: configureNGINX,
	}
}

// HAProxy is HAProxy with `http-reuse always`.
func HAProxy() Kind {
	return Kind{
		Name:      "HAProxy",
		program:   "haproxy",
		install:   "apt-get install --no-install-recommends haproxy",
		configure: configureHAProxy,
	}
}

const nginxConfig = `%s
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path bodies; proxy_temp_path answers;
	fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	large_client_header_buffers 4 32k;
	keepalive_requests 100000;
	ignore_invalid_headers off;
	underscores_in_headers on;
	merge_slashes off;
	upstream service {
		%s
		keepalive 8;
		keepalive_requests 100000;
	}
	server {
		listen %s;
		location = %s { return 204; }
		location / {
			proxy_pass http://service;
			proxy_http_version 1.1;
			proxy_request_buffering off;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		}
	}
}
`

func configureNGINX(folder string, g *Gateway, upstreams []string) ([]string, error) {
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // the owner of the folder
	}
	var servers strings.Builder
	for _, addr := range upstreams {
		fmt.Fprintf(&servers, "server %s; ", addr)
	}
	config := fmt.Sprintf(nginxConfig, user, servers.String(), g.Addr, g.aliveness)
	return []string{"-e", "stderr", "-p", folder, "-c", "nginx.conf"}, write(folder, "nginx.conf", config)
}

const haproxyConfig = `global
	maxconn 500
	nbthread 1
	tune.bufsize 65536
defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
	option accept-invalid-http-request
	option forwardfor
frontend clients
	bind %s
	http-request return status 204 if { path %s }
	default_backend service
backend service
	http-reuse always
%s`

func configureHAProxy(folder string, g *Gateway, upstreams []string) ([]string, error) {
	var servers strings.Builder
	for i, addr := range upstreams {
		// If there are more requests than connections, the rest waits for one.
		fmt.Fprintf(&servers, "\tserver replica%d %s maxconn 8\n", i, addr)
	}
	config := fmt.Sprintf(haproxyConfig, g.Addr, g.aliveness, servers.String())
	return []string{"-db", "-f", "haproxy.cfg"}, write(folder, "haproxy.cfg", config)
}

func write(folder, name, text string) error {
	return os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600)
}
