# mount.sh: waits for the volumes' disks and mounts them, after making sure that they are the right
# ones: the filesystem's UUID before mounting, the sentinel after. Mounted right already: fine.
# A filesystem that was not unmounted cleanly is replayed by the kernel. None is ever created.

wait_for_disk() {
	until find_disk "$1"; do
		clock
		[ "$now" -lt "$deadline" ] ||
			fail timeout "no disk with id $1 appeared within $limit_ms ms$(why_no_disk)"
		sleep 0.02
	done
}

check_filesystem() {
	[ -n "$type" ] || fail unsafe "$1 holds no filesystem that this machine knows"
	[ -z "$3" ] || [ "$uuid" = "$3" ] || fail unsafe "$1 holds the filesystem ${uuid:-without UUID}, not $3"
}

check_place() {
	[ -z "$where" ] || fail conflict "$1 is mounted at $where, not at $2"
	[ -z "$here" ] || fail conflict "$source is mounted at $2 already"
}

# What fails here was mounted by us, and is taken off again.
check_mounted() {
	look "$number" "$2"
	if [ "$writable" != yes ]; then
		umount "$2" && fail conflict "$1 could only be mounted read-only"
		fail conflict "$1 could only be mounted read-only, and stays so at $2"
	fi
	check_sentinel "$@" && return
	umount "$2" && changed=$changed_before
	fail unsafe "$1 carries the sentinel '$found', not '$4'"
}

check_sentinel() {
	read_sentinel "$2"
	[ -z "$4" ] || [ "$found" = "$4" ]
}

mount_volume() {
	find_disk "$1" || fail missing "the disk of $1 went away"
	read_filesystem "$disk"
	check_filesystem "$@"
	look "$number" "$2"
	if [ "$here" = "$number" ]; then
		[ "$writable" = yes ] || fail conflict "$1 is mounted read-only at $2"
		check_sentinel "$@" || fail unsafe "$1, mounted at $2, carries the sentinel '$found', not '$4'"
		return
	fi
	check_place "$@"
	changed_before=$changed
	changed=yes
	mkdir -p "$2" || fail local "could not make the mount point $2"
	words=$(mount -t "$type" "$device" "$2" 2>&1) || fail local "could not mount $1 at $2: $words"
	check_mounted "$@"
}

main() {
	begin_alone
	clock
	began=$now
	deadline=$((began + limit_ms))
	each wait_for_disk "$@"
	clock
	say wait_ms $((now - began))
	began=$now
	each mount_volume "$@"
	clock
	say mount_ms $((now - began))
	each report "$@"
	say end ok
}

main "$@" </dev/null
