# Runs etcd and Patroni's nodes: patroni.sh DIR NODE... Lives until its standard
# input ends, then kills them all, their servers included, and removes DIR. What it
# is to run lies in DIR: the settings of etcd in etcd.env, one NODE.yml for each node.
dir=$1
shift
exec 3<&0
umask 077

(
	set -a
	. "$dir/etcd.env"
	exec etcd
) </dev/null 3<&- >"$dir/etcd.log" 2>&1 &
echo $! >"$dir/etcd.pid"
for node; do
	patroni "$dir/$node.yml" </dev/null 3<&- >"$dir/$node.log" 2>&1 &
	echo $! >"$dir/$node.pid"
done
: >"$dir/started"

cat <&3 >/dev/null
for node; do kill -KILL "$(cat "$dir/$node.pid")"; done
for node; do kill -QUIT "$(head -n 1 "$dir/$node/postmaster.pid")"; done
kill -KILL "$(cat "$dir/etcd.pid")"
wait
sleep 1
rm -rf "$dir" || { sleep 2 && rm -rf "$dir"; }
