# quiesce.sh: stops the service and unmounts the volumes, with a sentinel written last, and proves
# that nothing holds them any more. Never forced: what still holds a volume is named, and the
# volume stays mounted. Doing it again, after the reply was lost, succeeds.

check() {
	find_disk "$1" || fail missing "no disk with id $1 is attached$(why_no_disk)"
	read_filesystem "$disk"
	look "$number" "$2"
	[ -n "$where" ] || return 0
	[ "$here" = "$number" ] || fail conflict "$1 is mounted at $where, not at $2"
	[ "$writable" = yes ] || fail conflict "$1 is mounted read-only at $2: no sentinel can be written"
	any_mounted=yes
}

# Where nothing is mounted any more, a file that is open below means that a service is still
# running, and writes to the wrong disk.
check_unused() {
	open=$(find /proc/[0-9]*/fd /proc/[0-9]*/cwd -maxdepth 1 -lname "$2/*" -print -quit 2>/dev/null)
	[ -z "$open" ] || fail_command stop "$command"
}

# Some stop commands fail on what is stopped already. If the volumes are unmounted too, an earlier
# quiesce has been here.
stop_service() {
	[ -n "$command" ] || return 0
	changed=yes
	if ! run_command "$command_limit_ms" "$command"; then
		[ "$any_mounted" = no ] || fail_command stop "$command"
		each check_unused "$@"
	fi
	say stop_ms "$took"
}

# Written under another name first: a reader finds the old nonce or the new one, never half of one.
write_sentinel() {
	file=$1/.changeover-sentinel
	printf 'nonce=%s\n' "$nonce" >"$file.new" && mv -f "$file.new" "$file" && sync -f "$1" ||
		fail local "could not write the sentinel to $1"
}

# holders MOUNT: who keeps the filesystem busy: open files, working directories, programs and
# mapped files, in any mount namespace, and filesystems that are mounted inside.
holders() {
	st_dev=$(stat -c %d "$1")
	in_maps=$(printf ' %02x:%02x ' "${number%:*}" "${number#*:}")
	seen=
	{
		find -L /proc/[0-9]*/fd -maxdepth 1 -printf '%D %p\n'
		find -L /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe -maxdepth 0 -printf '%D %p\n'
		grep -ls "$in_maps" /proc/[0-9]*/maps | sed "s/^/$st_dev /"
	} 2>/dev/null | while read -r link_dev link; do
		[ "$link_dev" = "$st_dev" ] || continue
		pid=${link#/proc/}
		pid=${pid%%/*}
		case " $seen " in
		*" $pid "*) continue ;;
		esac
		seen="$seen $pid"
		read -r name <"/proc/$pid/comm" || continue
		printf '%s (pid %s, %s); ' "$name" "$pid" "$(readlink "$link" || echo 'a mapped file')"
	done
	while read -r _ _ _ _ point _; do
		case $point in
		"$1"/*) printf 'a filesystem mounted at %s; ' "$point" ;;
		esac
	done </proc/self/mountinfo
}

unmount() {
	tries=0
	until words=$(LC_ALL=C umount "$2" 2>&1); do
		case $words in
		*busy*) ;;
		*) fail local "could not unmount $2: $words" ;;
		esac
		if [ "$tries" -ge 20 ]; then
			held=$(holders "$2")
			fail conflict "$2 ($1) is in use by ${held:-the kernel: a loop device, swap file or NFS export}"
		fi
		tries=$((tries + 1))
		sleep 0.05
	done
}

# A container that ended a moment ago may still hold its copy of the mount.
prove_free() {
	tries=0
	find_user "$number"
	while [ -n "$user" ]; do
		[ "$tries" -lt 20 ] || fail conflict "$1 is unmounted from $2 but still in use: $user"
		tries=$((tries + 1))
		sleep 0.05
		find_user "$number"
	done
}

# A filesystem may be mounted twice over the same place: each mount is taken off.
release() {
	find_disk "$1" || fail missing "the disk of $1 went away"
	read_filesystem "$disk"
	look "$number" "$2"
	if [ "$here" = "$number" ]; then
		changed=yes
		write_sentinel "$2"
		written="$written $1 "
	fi
	while [ "$here" = "$number" ]; do
		unmount "$1" "$2"
		look "$number" "$2"
	done
	prove_free "$1" "$2"
}

report_released() {
	report "$1" "$2"
	case $written in
	*" $1 "*) say sentinel "$nonce" ;;
	esac
}

main() {
	begin_alone
	any_mounted=no written=
	each check "$@"
	stop_service "$@"
	clock
	began=$now
	each release "$@"
	clock
	say unmount_ms $((now - began))
	each report_released "$@"
	say end ok
}

main "$@" </dev/null
