#include "plan/words.h"

#include <stdbool.h>

#include "plan/plan.h"

const struct key_word words_bool[] = { { .word = "false" }, { .word = "true", .value = true },
	{ .word = NULL } };

const struct key_word words_rehearse[] = {
	{ .word = "false" },
	{ .word = "true", .value = true, .unsupported = "say `false`, and rehearse on a test machine" },
	{ .word = NULL },
};

const struct key_word words_host_key[] = {
	{ .word = "console", .value = PLAN_HOST_KEY_CONSOLE },
	{ .word = "carry", .value = PLAN_HOST_KEY_CARRY, .unsupported = "use `console` or `known_hosts`" },
	{ .word = "known_hosts", .value = PLAN_HOST_KEY_KNOWN_HOSTS },
	{ .word = NULL },
};

const struct key_word words_strategy[] = {
	{ .word = "move", .value = STRATEGY_MOVE },
	{ .word = "clone", .value = STRATEGY_CLONE, .unsupported = "use `move`" },
	{ .word = "preattached", .value = STRATEGY_PREATTACHED, .unsupported = "use `move`" },
	{ .word = NULL },
};

const struct key_word words_verify[] = {
	{ .word = "sentinel", .value = VERIFY_SENTINEL },
	{ .word = "manifest", .value = VERIFY_MANIFEST, .unsupported = "use `sentinel`" },
	{ .word = "content", .value = VERIFY_CONTENT, .unsupported = "use `sentinel`" },
	{ .word = NULL },
};

const struct key_word words_backup_wait[] = {
	{ .word = "completed", .value = true },
	{ .word = "started", .value = false },
	{ .word = NULL },
};

const struct key_word words_all[] = { { .word = "all" }, { .word = NULL } };

const struct key_word words_weekday[] = {
	{ .word = "mon", .value = PLAN_MONDAY },
	{ .word = "tue", .value = PLAN_TUESDAY },
	{ .word = "wed", .value = PLAN_WEDNESDAY },
	{ .word = "thu", .value = PLAN_THURSDAY },
	{ .word = "fri", .value = PLAN_FRIDAY },
	{ .word = "sat", .value = PLAN_SATURDAY },
	{ .word = "sun", .value = PLAN_SUNDAY },
	{ .word = NULL },
};

const struct key_word words_event[] = {
	{ .word = "start" },
	{ .word = "switch" },
	{ .word = "done" },
	{ .word = "failed" },
	{ .word = NULL },
};
