/* sandbox_session.c: `changeover sandbox session`: what sshd runs for a command on a virtual machine. */
#include "cli/commands.h"
#include "cli/message.h"
#include "sandbox/virtual/session.h"

struct session_settings {
	int64_t port;
};

static enum exit_code session_command_run(
	const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct session_settings *s = settings;
	const struct virtual_session session = {
		.port = (int)s->port,
		.instance_id = args->items[0],
		.line = cli_environment(cli, "SSH_ORIGINAL_COMMAND"),
		.in = stdin,
		.out = cli->out,
		.errors = cli->err,
		.clock = cli->clock,
	};
	auto_error err = ERROR_INIT;
	int code;

	if (!virtual_session_run(&session, &code, &err))
		return message_error(cli, &err, NULL);
	return (enum exit_code)code; /* the command's own */
}

static const struct option_row OPTIONS[] = {
	{ .name = "port",
		.kind = OPTION_NUMBER,
		.value = "N",
		.least = 0,
		.most = 65535,
		.offset = offsetof(struct session_settings, port),
		.help = "of the sandbox's pages, on 127.0.0.1" },
	{ .name = NULL },
};

const struct command command_sandbox_session = {
	.name = "sandbox session",
	.summary = "Run one command on a virtual machine",
	.arguments = "INSTANCE",
	.min_arguments = 1,
	.max_arguments = 1,
	.help = "The sandbox's sshd starts it in place of a shell; the command is in "
		"SSH_ORIGINAL_COMMAND. The exit code is the command's.",
	.options = OPTIONS,
	.settings_size = sizeof(struct session_settings),
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.hidden = true,
	.run = session_command_run,
};
