/* fault_kinds.c: the table of kinds. docs/sandbox.md shows it, and a test holds the two together. */
#include <string.h>

#include "base/text.h"
#include "sandbox/model/fault.h"

#define WORD(name) (1u << FAULT_WORD_##name)

enum {
	MINUTE_MS = 60 * 1000,
	MOST_OF_A_REPLY = 100 * 1024 * 1024,
};

/* Every kind can be told how often and when; what is beyond that goes with the point. */
static const unsigned ALWAYS = WORD(NTH) | WORD(TIMES) | WORD(CHANCE) | WORD(FROM) | WORD(UNTIL);

static const unsigned POINT_WORDS[FAULT_POINT_COUNT] = {
	[FAULT_AT_CALL] = WORD(CALL) | WORD(ID),
	[FAULT_AT_ATTACH] = WORD(ID),
	[FAULT_AT_DETACH] = WORD(ID),
	[FAULT_AT_SNAPSHOT] = WORD(ID),
	[FAULT_AT_INCIDENT] = WORD(CALL) | WORD(ID) | WORD(AFTER),
	[FAULT_AT_SSH] = WORD(ID),
};

static const struct fault_kind_row KINDS[FAULT_COUNT] = {
	[FAULT_NONE] = { .point = FAULT_AT_NOTHING },
	[FAULT_ERROR] = {
		.name = "error",
		.help = "is refused with any code and does nothing",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.takes = WORD(CODE) | WORD(STATUS),
		.needs = WORD(CODE),
	},
	[FAULT_INTERNAL_ERROR] = {
		.name = "internal-error",
		.help = "is refused with `InternalError`, HTTP 500, and does nothing",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.preset = { .code = "InternalError", .status = 500 },
	},
	[FAULT_UNAVAILABLE] = {
		.name = "unavailable",
		.help = "is refused with `Unavailable`, HTTP 503, and does nothing",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.preset = { .code = "Unavailable", .status = 503 },
	},
	[FAULT_THROTTLED] = {
		.name = "throttled",
		.help = "is refused with `RequestLimitExceeded`, HTTP 503, and does nothing",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.preset = { .code = "RequestLimitExceeded", .status = 503 },
	},
	[FAULT_NO_CAPACITY] = {
		.name = "no-capacity",
		.help = "is refused with `InsufficientInstanceCapacity`, HTTP 500: RunInstances unless `call` "
			"says otherwise",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.preset = { .call = "RunInstances", .code = "InsufficientInstanceCapacity", .status = 500 },
	},
	[FAULT_EXPIRED] = {
		.name = "expired",
		.help = "is refused as if the credentials had run out: `RequestExpired`, or what `code` says",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.takes = WORD(CODE),
		.preset = { .code = "RequestExpired", .status = 400 },
	},
	[FAULT_NOT_FOUND] = {
		.name = "not-found",
		.help = "is refused as if the resource that it names did not exist yet; a call that names none "
			"is not",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_REFUSAL,
		.scope = FAULT_SCOPE_NAMED,
	},
	[FAULT_RESET] = {
		.name = "reset",
		.help = "does nothing, and the connection is reset",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_RESET,
	},
	[FAULT_LOST_REPLY] = {
		.name = "lost-reply",
		.help = "takes effect, and the connection is reset before the reply",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_RESET,
	},
	[FAULT_TIMEOUT] = {
		.name = "timeout",
		.help = "does nothing, and nothing is heard for a minute, or `for`, until the connection is reset",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_NONE,
		.reply = FAULT_REPLY_SILENCE,
		.takes = WORD(FOR),
		.preset = { .for_ms = MINUTE_MS },
	},
	[FAULT_LATE_TIMEOUT] = {
		.name = "late-timeout",
		.help = "the same, but it takes effect",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_SILENCE,
		.takes = WORD(FOR),
		.preset = { .for_ms = MINUTE_MS },
	},
	[FAULT_TWICE] = {
		.name = "twice",
		.help = "is handled twice, as if a proxy had sent it again; the second reply is what is seen",
		.point = FAULT_AT_CALL,
		.effect = FAULT_EFFECT_TWICE,
	},
	[FAULT_TRUNCATED] = {
		.name = "truncated",
		.help = "takes effect, and the reply's XML ends in the middle",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_TRUNCATED,
	},
	[FAULT_MALFORMED] = {
		.name = "malformed",
		.help = "takes effect, and the reply is no XML",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_MALFORMED,
	},
	[FAULT_HUGE] = {
		.name = "huge",
		.help = "takes effect, and 100 MB of white space, or `bytes`, follow the reply",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_HUGE,
		.takes = WORD(BYTES),
		.preset = { .bytes = MOST_OF_A_REPLY },
	},
	[FAULT_STALE] = {
		.name = "stale",
		.help = "is answered with what the same question was answered before, or first is; for 5 s, or "
			"`for`",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_OLD,
		.lasts = true,
		.takes = WORD(FOR),
		.preset = { .for_ms = 5000 },
	},
	[FAULT_NEWEST_MISSING] = {
		.name = "newest-missing",
		.help = "lists all but the newest item; questions by id are answered in full",
		.point = FAULT_AT_CALL,
		.reply = FAULT_REPLY_SHORTER,
		.scope = FAULT_SCOPE_LIST,
	},
	[FAULT_CLOCK] = {
		.name = "clock",
		.help = "meets a server whose clock is `off`, in signatures and `Date`, for ever or `for`",
		.point = FAULT_AT_CALL,
		.lasts = true,
		.takes = WORD(OFF) | WORD(FOR),
		.needs = WORD(OFF),
	},
	[FAULT_STUCK_DETACHING] = {
		.name = "stuck-detaching",
		.help = "the volume stays `detaching`, although nothing holds it, for ever or `for`",
		.point = FAULT_AT_DETACH,
		.takes = WORD(FOR),
	},
	[FAULT_STUCK_BUSY] = {
		.name = "stuck-busy",
		.help = "the same, shown as `busy`",
		.point = FAULT_AT_DETACH,
		.takes = WORD(FOR),
	},
	[FAULT_OTHER_DEVICE] = {
		.name = "other-device",
		.help = "the volume is attached as `/dev/sdz`, or `device`, instead of what was asked for",
		.point = FAULT_AT_ATTACH,
		.takes = WORD(DEVICE),
		.preset = { .device = "/dev/sdz" },
	},
	[FAULT_SNAPSHOT_ERROR] = {
		.name = "snapshot-error",
		.help = "the snapshot ends as `error` instead of `completed`",
		.point = FAULT_AT_SNAPSHOT,
	},
	[FAULT_LAUNCH_FAILS] = {
		.name = "launch-fails",
		.help = "the launch is accepted, and terminated with `Server.InsufficientInstanceCapacity` "
			"instead of `running`",
		.point = FAULT_AT_LAUNCH,
	},
	[FAULT_INSTANCE_DEAD] = {
		.name = "instance-dead",
		.help = "its processes and its network are gone; EC2 shows `running`, with impaired checks",
		.point = FAULT_AT_INCIDENT,
		.takes = WORD(INSTANCE),
		.needs = WORD(CALL) | WORD(INSTANCE),
	},
	[FAULT_INSTANCE_STOPPED] = {
		.name = "instance-stopped",
		.help = "it is stopped by EC2 (`Server.ScheduledStop`)",
		.point = FAULT_AT_INCIDENT,
		.takes = WORD(INSTANCE),
		.needs = WORD(CALL) | WORD(INSTANCE),
	},
	[FAULT_ADDRESS_TAKEN] = {
		.name = "address-taken",
		.help = "someone associates the Elastic IP with `instance`, or takes it away if there is none",
		.point = FAULT_AT_INCIDENT,
		.takes = WORD(INSTANCE) | WORD(ADDRESS),
		.needs = WORD(CALL) | WORD(ADDRESS),
	},
	[FAULT_HOST_KEY_CHANGED] = {
		.name = "host-key-changed",
		.help = "its sshd has new host keys, at once or, if it is stopped, when it starts; the console "
			"does not show them",
		.point = FAULT_AT_INCIDENT,
		.takes = WORD(INSTANCE),
		.needs = WORD(CALL) | WORD(INSTANCE),
	},
	[FAULT_SSH_DROPPED] = {
		.name = "ssh-dropped",
		.help = "the connection is reset once `bytes` have passed",
		.point = FAULT_AT_SSH,
		.takes = WORD(BYTES),
	},
	[FAULT_SSH_HANGS] = {
		.name = "ssh-hangs",
		.help = "nothing passes any more once `bytes` have passed; for ever, or `for`",
		.point = FAULT_AT_SSH,
		.takes = WORD(BYTES) | WORD(FOR),
	},
	[FAULT_SSH_EXIT_LOST] = {
		.name = "ssh-exit-lost",
		.help = "the connection ends when its first command, or the one of number `command`, has ended, "
			"before its exit status",
		.point = FAULT_AT_SSH,
		.takes = WORD(COMMAND),
		.preset = { .command = 1 },
	},
};

const struct fault_kind_row *fault_kind_row(enum fault_kind kind)
{
	return &KINDS[kind];
}

unsigned fault_kind_words(enum fault_kind kind)
{
	return ALWAYS | POINT_WORDS[KINDS[kind].point] | KINDS[kind].takes;
}

struct fault fault_preset(enum fault_kind kind)
{
	struct fault f = KINDS[kind].preset;

	f.kind = kind;
	f.nth = 1;
	f.times = 1;
	f.chance = 100;
	return f;
}

bool fault_is_timed(const struct fault *f)
{
	return KINDS[f->kind].point == FAULT_AT_INCIDENT && !*f->call && !*f->id;
}

enum fault_kind fault_kind_find(const char *name)
{
	for (int k = FAULT_NONE + 1; k < FAULT_COUNT; k++)
		if (!strcmp(KINDS[k].name, name))
			return (enum fault_kind)k;
	return FAULT_NONE;
}
