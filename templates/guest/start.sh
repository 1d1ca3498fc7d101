# start.sh: starts the service.

main() {
	begin_alone
	if [ -n "$command" ]; then
		changed=yes
		run_command "$command_limit_ms" "$command" || fail_command start "$command"
		say start_ms "$took"
	fi
	say end ok
}

main "$@" </dev/null
