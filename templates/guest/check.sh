# check.sh: runs one of the plan's checks.

main() {
	begin
	run_command "$command_limit_ms" "$command" || fail_command check "$command"
	say end ok
}

main "$@" </dev/null
