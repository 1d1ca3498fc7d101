/* sandbox.c: `changeover sandbox`: a cloud on this machine, to rehearse and to test with. */
#include "sandbox/sandbox.h"

#include "cli/commands.h"
#include "cli/message.h"

struct sandbox_settings {
	int64_t port, seed;
	const char *state, *latency, *faults, *region, *access_key, *sshd;
	bool throttle, virtual_machines;
};

static enum exit_code sandbox_command_run(
	const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct sandbox_settings *s = settings;
	const uint64_t seed = (uint64_t)s->seed;
	const struct sandbox_options o = {
		.port = (int)s->port,
		.state_dir = s->state,
		.latency = s->latency,
		.faults = s->faults,
		.region = s->region,
		.access_key = s->access_key,
		.seed = s->seed ? &seed : NULL,
		.virtual_machines = s->virtual_machines,
		.sshd = s->sshd,
		.throttle = s->throttle,
		.out = cli->out,
		.messages = cli->err,
		.clock = cli->clock,
		.entropy = cli->entropy,
	};
	auto_error err = ERROR_INIT;

	(void)args;
	if (s->sshd && !s->virtual_machines) {
		error_set(&err, ERROR_USAGE, "--sshd is for virtual machines: real ones have their own");
		return message_error(cli, &err, NULL);
	}
	if (!sandbox_run(&o, &err))
		return message_error(cli, &err, NULL);
	return EXIT_DONE;
}

static const struct option_row OPTIONS[] = {
	{ .name = "state",
		.kind = OPTION_FOLDER,
		.value = "FOLDER",
		.required = true,
		.offset = offsetof(struct sandbox_settings, state),
		.help = "where it keeps its disks, and the file `env` with its address and credentials" },
	{ .name = "port",
		.kind = OPTION_NUMBER,
		.value = "N",
		.fallback = "0",
		.least = 0,
		.most = 65535,
		.offset = offsetof(struct sandbox_settings, port),
		.help = "on 127.0.0.1; 0 is any free one" },
	{ .name = "latency",
		.kind = OPTION_FILE,
		.value = "FILE",
		.fallback = "ec2",
		.offset = offsetof(struct sandbox_settings, latency),
		.help = "how long everything takes: `ec2`, `none`, or a file" },
	{ .name = "faults",
		.kind = OPTION_FILE,
		.value = "FILE",
		.offset = offsetof(struct sandbox_settings, faults),
		.help = "what is to go wrong, a line each; more can be added while it runs" },
	{ .name = "region",
		.kind = OPTION_TEXT,
		.value = "NAME",
		.fallback = SANDBOX_REGION,
		.offset = offsetof(struct sandbox_settings, region),
		.help = "the region that it plays" },
	{ .name = "access-key",
		.kind = OPTION_TEXT,
		.value = "ID",
		.fallback = SANDBOX_ACCESS_KEY,
		.offset = offsetof(struct sandbox_settings, access_key),
		.help = "the access key that it knows; its secret is made at each start" },
	{ .name = "seed",
		.kind = OPTION_NUMBER,
		.value = "N",
		.least = 1,
		.most = INT64_MAX,
		.offset = offsetof(struct sandbox_settings, seed),
		.help = "repeat the ids, delays and chances of another run" },
	{ .name = "throttle",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct sandbox_settings, throttle),
		.help = "refuse calls that come too fast, as EC2's token buckets do" },
	{ .name = "virtual",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct sandbox_settings, virtual_machines),
		.help = "states only, no machines and disks: thousands fit, and it needs no privileges" },
	{ .name = "sshd",
		.kind = OPTION_FILE,
		.value = "PROGRAM",
		.offset = offsetof(struct sandbox_settings, sshd),
		.help = "lets virtual machines be logged in to, by this sshd; needs root" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "sudo changeover sandbox --state /tmp/cloud",
		"real machines, disks and addresses, with EC2's delays" },
	{ ". /tmp/cloud/env; aws --endpoint-url $AWS_ENDPOINT_URL ec2 describe-instances",
		"talk to it, as to AWS" },
	{ NULL, NULL },
};

const struct command command_sandbox = {
	.name = "sandbox",
	.summary = "Run a cloud on this machine",
	.help = "Speaks EC2's protocol on a port of 127.0.0.1, with real machines (namespaces with an "
		"sshd), disks and addresses behind it. Nothing is kept: it starts empty, and takes "
		"everything down when it is interrupted. Real machines need root.",
	.options = OPTIONS,
	.settings_size = sizeof(struct sandbox_settings),
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = sandbox_command_run,
};
