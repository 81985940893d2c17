#!/bin/sh
# Prints the Debian packages that tests need and this machine lacks: those of
# `make test` and `make suites`, or with "image", "browser", "verifiers", "clients" or
# "check" those of that target. scripts/setup installs them.
set -eu
PATH=$PATH:/usr/sbin:/sbin

# lacks PACKAGE FILE... prints the package unless a program or file is there.
lacks() {
	package=$1
	shift
	for wanted in "$@"; do
		case $wanted in
		/*) ls $wanted >/dev/null 2>&1 && return ;;
		*) command -v "$wanted" >/dev/null && return ;;
		esac
	done
	printf '%s\n' "$package"
}

if [ "${1:-}" = image ]; then
	lacks buildah buildah
	lacks podman podman
	lacks runc runc
	lacks busybox-static busybox
	lacks ca-certificates /etc/ssl/certs/ca-certificates.crt
	exit
fi
if [ "${1:-}" = browser ]; then
	lacks chromium chromium
	lacks nodejs node
	lacks npm npm
	lacks openssl openssl
	exit
fi
if [ "${1:-}" = verifiers ]; then
	lacks haproxy haproxy
	lacks nodejs node
	lacks npm npm
	lacks python3-jwt /usr/lib/python3/dist-packages/jwt
	lacks python3-authlib /usr/lib/python3/dist-packages/authlib
	lacks python3-jose /usr/lib/python3/dist-packages/jose
	lacks ruby ruby
	lacks ruby-jwt '/usr/share/rubygems-integration/all/specifications/jwt-*'
	lacks perl '/usr/share/perl/5*/HTTP/Tiny.pm'
	lacks libcrypt-jwt-perl /usr/share/perl5/Crypt/JWT.pm
	exit
fi
if [ "${1:-}" = clients ]; then
	lacks nodejs node
	lacks npm npm
	exit
fi
if [ "${1:-}" = check ]; then
	lacks make make
	# The race detector needs a C compiler.
	lacks gcc gcc
	lacks libc6-dev /usr/include/stdlib.h
	exit
fi
lacks git git
lacks postgresql initdb '/usr/lib/postgresql/*/bin/initdb'
lacks postgresql-client psql
# Gateways, the other store of limits, poolers and what replaces a lost primary.
lacks nginx-light nginx
lacks haproxy haproxy
lacks caddy caddy
lacks redis-server redis-server
lacks pgbouncer pgbouncer
lacks patroni patroni
lacks etcd-server etcd
lacks prometheus prometheus
# What documents tell operators to use, and npm, which fetches test data.
lacks npm npm
# What runs the programs of the guides.
lacks nodejs node
lacks python3-jwt /usr/lib/python3/dist-packages/jwt
lacks python3-cryptography /usr/lib/python3/dist-packages/cryptography
# Lists of passwords that the screen is measured by.
lacks ncrack /usr/share/ncrack/top50000.pwd
lacks curl curl
lacks jq jq
lacks openssl openssl
lacks sqlite3 sqlite3
lacks systemd systemd-analyze
lacks bsdutils script
lacks oathtool oathtool
lacks bash-completion /usr/share/bash-completion/bash_completion
