#include "report/tally.h"

#include "report/member.h"

/* In the order in which they are told; what is rebuilt comes first, even if nothing is. */
static const struct {
	enum machine_state state;
	const char *words, *key;
} PARTS[] = {
	{ MACHINE_REBUILT, "rebuilt", "rebuilt" },
	{ MACHINE_UNCHANGED, "on the image already", "unchanged" },
	{ MACHINE_ROLLED_BACK, "rolled back", "rolled_back" },
	{ MACHINE_REFUSED, "refused", "refused" },
	{ MACHINE_PARKED, "parked", "parked" },
	{ MACHINE_UNREACHABLE, "unreachable", "unreachable" },
	{ MACHINE_LOCKED_OUT, "locked out", "locked_out" },
	{ MACHINE_SET_ASIDE, "set aside", "set_aside" },
	{ MACHINE_UNDER_WAY, "under way", "under_way" },
	{ MACHINE_WAITING, "not begun", "waiting" },
};

void tally_text(const struct rollout *ro, struct text *ret)
{
	char reason[ROLLOUT_REASON_SIZE];

	text_addf(ret, "%zu of %zu machines %s", rollout_count(ro, PARTS[0].state), rollout_size(ro),
		PARTS[0].words);
	for (size_t i = 1; i < ARRAY_SIZE(PARTS); i++)
		if (rollout_count(ro, PARTS[i].state))
			text_addf(ret, ", %zu %s", rollout_count(ro, PARTS[i].state), PARTS[i].words);
	if (*rollout_reason(ro, reason))
		text_addf(ret, "; halted: %s", reason);
}

json_t *tally_json(const struct rollout *ro)
{
	json_t *o = json_object();
	char reason[ROLLOUT_REASON_SIZE];

	member_number(o, "machines", (int64_t)rollout_size(ro));
	for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++)
		member_number(o, PARTS[i].key, (int64_t)rollout_count(ro, PARTS[i].state));
	member_text(o, "halted", rollout_reason(ro, reason));
	return o;
}
