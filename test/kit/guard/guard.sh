# Runs a program until standard input ends, then ends it and removes DIR unless it
# is empty: guard DIR PROGRAM [ARGUMENT...]
dir=$1
shift
exec 3<&0

"$@" </dev/null 3<&- &
program=$!

{
	cat >/dev/null
	trap '' TERM
	kill -TERM "$program"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$program" || break
		sleep 1
	done
	kill -KILL "$program"
	if [ -n "$dir" ]; then rm -rf "$dir"; fi
} <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# After the program has ended by itself, another process may get its number.
wait "$program"
kill -TERM "$watcher"
