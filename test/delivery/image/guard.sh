# Removes a test process's containers and its folder once that process is gone:
# guard DIR STORAGE-FLAGS..., until the end of standard input.
dir=$1
shift
cat >/dev/null
podman "$@" --tmpdir "$dir/tmp" --cgroup-manager cgroupfs --runtime runc --events-backend none \
	rm --all --force --time 0 --volumes >/dev/null 2>&1
for state in "$dir"/runc/*; do
	[ -d "$state" ] && runc --root "$dir/runc" delete --force "${state##*/}"
done
buildah "$@" umount --all >/dev/null 2>&1
for mount in $(awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | sort -r); do
	umount "$mount" || exit 1 # never remove what is seen through it
done
# A build that was interrupted may still be writing.
for _ in 1 2 3 4 5; do
	rm -rf "$dir"
	sleep 1
	[ -d "$dir" ] || break
done
