# Runs one throw-away PgBouncer: guard PROGRAM DIR. Lives until its standard input
# ends, then stops it and removes DIR.
program=$1 dir=$2
exec 3<&0

"$program" "$dir/pgbouncer.ini" </dev/null 3<&- >"$dir/log" 2>&1 &
server=$!

{
	cat >/dev/null
	kill -KILL "$server"
} <&3 >/dev/null 2>&1 &

wait "$server"
: >"$dir/ended"
wait
rm -rf "$dir"
