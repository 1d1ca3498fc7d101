#include "sandbox/model/latency.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

enum { FILE_MAX = 64 * 1024, HOUR_MS = 3600 * 1000 };

struct row {
	const char *name, *help;
	struct latency_span ec2, none;
};

/*
 * Sources of the ec2 column: "daemonology" (Colin Percival's EC2 boot time benchmark, 2021-08-12),
 * "EBS CSI" (kubernetes-sigs/aws-ebs-csi-driver pkg/cloud/cloud.go, back-off comments). "Shortened": EC2 takes
 * longer, and a demonstration would only wait for it. "Chosen": AWS publishes no figure.
 */
static const struct row ROWS[LATENCY_COUNT] = {
	[LATENCY_API_CALL] = {
		.name = "api_call", .help = "from any request to its reply",
		.ec2 = { 40, 15 },        /* chosen: one round trip within a region and the work itself */
	},
	[LATENCY_RUN_INSTANCES_CALL] = {
		.name = "run_instances_call", .help = "from RunInstances to its reply",
		.ec2 = { 1500, 300 },     /* daemonology: 1 to 5 s */
	},
	[LATENCY_VISIBILITY] = {
		.name = "visibility", .help = "from RunInstances until other calls find the new instance",
		.ec2 = { 500, 300 },      /* chosen: AWS only says "eventually" */
	},
	[LATENCY_PENDING_TO_RUNNING] = {
		.name = "pending_to_running", .help = "from RunInstances to `running`",
		.ec2 = { 5000, 500 },     /* daemonology: 4.9 s */
	},
	[LATENCY_START_TO_RUNNING] = {
		.name = "start_to_running", .help = "from StartInstances to `running`",
		.ec2 = { 5000, 500 },     /* chosen: as a launch */
	},
	[LATENCY_RUNNING_TO_SSHD] = {
		.name = "running_to_sshd", .help = "from `running` until the machine is booted",
		.ec2 = { 5000, 500 },     /* shortened: daemonology 17 s, 3 to 60 s by image */
	},
	[LATENCY_STATUS_CHECKS] = {
		.name = "status_checks", .help = "from `running` until both status checks are `ok`",
		.ec2 = { 10000, 1000 },   /* shortened: EC2 checks once a minute */
	},
	[LATENCY_CONSOLE_DELAY] = {
		.name = "console_delay", .help = "from boot until GetConsoleOutput without Latest shows anything",
		.ec2 = { 5000, 1000 },    /* shortened: up to 2 minutes (canonical/pycloudlib#143) */
	},
	[LATENCY_STOP] = {
		.name = "stop", .help = "from StopInstances to `stopped`",
		.ec2 = { 10000, 1000 },   /* shortened: "a few minutes" (EC2 user guide) */
	},
	[LATENCY_TERMINATE] = {
		.name = "terminate", .help = "from TerminateInstances to `terminated`",
		.ec2 = { 5000, 500 },     /* shortened: about a minute (hashicorp/packer-plugin-amazon#682) */
	},
	[LATENCY_TERMINATED_VISIBLE] = {
		.name = "terminated_visible", .help = "how long a terminated instance is still described",
		.ec2 = { HOUR_MS, 0 }, .none = { HOUR_MS, 0 },   /* EC2 API reference, TerminateInstances */
	},
	[LATENCY_VOLUME_CREATE] = {
		.name = "volume_create", .help = "from CreateVolume to `available`",
		.ec2 = { 1500, 500 },     /* EBS CSI: 1.5 s, p99 4 s */
	},
	[LATENCY_ATTACH] = {
		.name = "attach", .help = "from AttachVolume to `attached`, the disk being there",
		.ec2 = { 2000, 200 },     /* EBS CSI: 1 to 4 s */
	},
	[LATENCY_DETACH] = {
		.name = "detach", .help = "from DetachVolume to `available`, for an unmounted volume",
		.ec2 = { 2000, 200 },     /* EBS CSI: 1 to 4 s */
	},
	[LATENCY_SNAPSHOT] = {
		.name = "snapshot", .help = "from CreateSnapshot to `completed`",
		.ec2 = { 8000, 1000 },    /* shortened: one to three minutes, hours for a first large one */
	},
	[LATENCY_ASSOCIATE_ADDRESS] = {
		.name = "associate_address", .help = "from (Dis)AssociateAddress until the traffic follows",
		.ec2 = { 1000, 200 },     /* chosen: AWS publishes no figure */
	},
};

const char *latency_name(enum latency which)
{
	return ROWS[which].name;
}

const char *latency_help(enum latency which)
{
	return ROWS[which].help;
}

static bool load_profile(const char *name, struct latency_table *ret)
{
	bool ec2 = !strcmp(name, "ec2");

	if (!ec2 && strcmp(name, "none") != 0)
		return false;
	for (int i = 0; i < LATENCY_COUNT; i++)
		ret->spans[i] = ec2 ? ROWS[i].ec2 : ROWS[i].none;
	return true;
}

static int find_row(const char *name)
{
	for (int i = 0; i < LATENCY_COUNT; i++)
		if (!strcmp(ROWS[i].name, name))
			return i;
	return -1;
}

static const char *nearest_name(const char *name)
{
	const char *names[LATENCY_COUNT];

	for (int i = 0; i < LATENCY_COUNT; i++)
		names[i] = ROWS[i].name;
	return text_nearest(name, names, LATENCY_COUNT);
}

/* "2000" or "2000 400"; at most an hour each. */
static bool parse_span(const char *value, struct latency_span *ret)
{
	char *end;
	long typical = strtol(value, &end, 10), spread = 0;

	if (end == value)
		return false;
	while (isspace((unsigned char)*end))
		end++;
	if (*end)
		spread = strtol(end, &end, 10);
	if (*end || typical < 0 || typical > HOUR_MS || spread < 0 || spread > HOUR_MS)
		return false;
	*ret = (struct latency_span){ .typical_ms = typical, .spread_ms = spread };
	return true;
}

static bool set_row(const char *key, const char *value, struct latency_table *ret, struct error *err)
{
	int i = find_row(key);
	const char *meant;

	if (!strcmp(key, "profile"))
		return load_profile(value, ret) ||
		       error_set(err, ERROR_USAGE, "unknown profile \"%s\"", value);
	if (i >= 0 && parse_span(value, &ret->spans[i]))
		return true;
	if (i >= 0)
		return error_set(
			err, ERROR_USAGE, "%s must be milliseconds, like \"2000\" or \"2000 400\"", key);
	meant = nearest_name(key);
	if (meant)
		return error_set(err, ERROR_USAGE, "unknown latency \"%s\", did you mean \"%s\"", key, meant);
	return error_set(err, ERROR_USAGE, "unknown latency \"%s\"", key);
}

/* Cuts white space and comments off both ends, in place. */
static char *trimmed(char *s)
{
	char *end = s + strcspn(s, "#\n");

	while (isspace((unsigned char)*s) && s < end)
		s++;
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

static bool read_line(char *line, struct latency_table *ret, struct error *err)
{
	char *key = trimmed(line), *equals = strchr(key, '=');

	if (!*key)
		return true;
	if (!equals)
		return error_set(err, ERROR_USAGE, "expected `name = milliseconds`");
	*equals = '\0';
	return set_row(trimmed(key), trimmed(equals + 1), ret, err);
}

static bool load_file(const char *path, struct latency_table *ret, struct error *err)
{
	auto_text bytes = { .bytes = NULL };
	char *next, *line;
	int number = 0;

	text_init(&bytes, FILE_MAX);
	if (!file_read(path, &bytes, err))
		return false;
	next = bytes.bytes;
	while ((line = strsep(&next, "\n"))) {
		number++;
		if (!read_line(line, ret, err))
			return error_wrap(err, "%s:%d", path, number);
	}
	return true;
}

bool latency_read(const char *spec, struct latency_table *ret, struct error *err)
{
	struct latency_table table;

	if (load_profile(spec, ret))
		return true;
	load_profile("ec2", &table);
	if (!load_file(spec, &table, err))
		return error_hint(
			err, "--latency takes `none`, `ec2` or a file of `name = milliseconds` lines");
	*ret = table;
	return true;
}

int64_t latency_draw(const struct latency_table *t, enum latency which, struct random *r)
{
	const struct latency_span *s = &t->spans[which];
	int64_t low = s->typical_ms - s->spread_ms;

	return random_between(r, low < 0 ? 0 : low, s->typical_ms + s->spread_ms);
}
