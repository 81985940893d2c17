# Runs one temporary PostgreSQL server: guard BIN DIR PORT [NAME=VALUE...], on the
# data in DIR if there are any. When its standard input ends, it stops the server
# and removes DIR.
bin=$1 dir=$2 port=$3
shift 3
settings=
for setting; do settings="$settings -c $setting"; done
exec 3<&0
umask 077

{
	printf '%s\n' "$AUTH_TEST_POSTGRES_PASSWORD" >"$dir/password" &&
		{ [ -d "$dir/data" ] || "$bin/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" \
			--auth=password --encoding=UTF8 --locale=C --no-sync --no-instructions; } &&
		# The odd time zone reveals code that takes the server's zone for UTC.
		exec "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir" -c listen_addresses=127.0.0.1 \
			-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
			-c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off \
			-c max_connections=400 -c timezone=Asia/Kathmandu -c logging_collector=off $settings
} </dev/null 3<&- >"$dir/log" 2>&1 &
server=$!

# A starting server ignores the signal until it has installed its handlers, so
# repeat it.
{
	cat >/dev/null
	while kill -QUIT "$server"; do sleep 0.1; done
} <&3 >/dev/null 2>&1 &

wait "$server"
: >"$dir/ended"
wait
rm -rf "$dir"
