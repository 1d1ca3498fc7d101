# start.sh: starts the service, where its volumes are mounted: without them it would begin with no data,
# on the machine's own disk. What was mounted a moment ago may be so no more (the machine was restarted): on the
# way back it is mounted again then.

check_volume() {
	look '' "$2"
	[ -n "$here" ] || fail remote "$1 is not mounted at $2"
	[ "$writable" = yes ] || fail unsafe "$1 is mounted read-only at $2"
}

main() {
	begin_alone
	each check_volume "$@"
	if [ -n "$command" ]; then
		changed=yes
		run_command "$command_limit_ms" "$command" || fail_command start "$command"
		say start_ms "$took"
	fi
	say end ok
}

main "$@" </dev/null
