#include "report/tally.h"

#include <assert.h>
#include <inttypes.h>

#include "report/member.h"

/* In the order in which they are told: what went well, what failed, the worst first, and what is left. */
static const struct {
	enum machine_state state;
	enum tally_kind kind;
	enum sign sign;
	const char *words, *key;
	const char *back; /* of a rollout that puts machines back, if another word fits better */
} PARTS[] = {
	{ MACHINE_REBUILT, TALLY_GOOD, SIGN_DONE, "rebuilt", "rebuilt", "put back" },
	{ MACHINE_UNCHANGED, TALLY_GOOD, SIGN_DONE, "on the image already", "unchanged", "back already" },
	{ MACHINE_PARKED, TALLY_FAILED, SIGN_FAILED, "parked", "parked", NULL },
	{ MACHINE_ROLLED_BACK, TALLY_FAILED, SIGN_UNDONE, "rolled back", "rolled_back", NULL },
	{ MACHINE_REFUSED, TALLY_FAILED, SIGN_FAILED, "refused", "refused", NULL },
	{ MACHINE_UNREACHABLE, TALLY_FAILED, SIGN_FAILED, "unreachable", "unreachable", NULL },
	{ MACHINE_LOCKED_OUT, TALLY_FAILED, SIGN_FAILED, "locked out", "locked_out", NULL },
	{ MACHINE_UNDER_WAY, TALLY_OPEN, SIGN_RUNNING, "under way", "under_way", NULL },
	{ MACHINE_SET_ASIDE, TALLY_OPEN, SIGN_WAITING, "set aside", "set_aside", NULL },
	{ MACHINE_WAITING, TALLY_UNTOUCHED, SIGN_PENDING, "not begun", "waiting", NULL },
};

static_assert(ARRAY_SIZE(PARTS) == MACHINE_STATE_COUNT, "each state has its row");

static size_t row_of(enum machine_state s)
{
	size_t i = 0;

	while (PARTS[i].state != s)
		i++;
	return i;
}

enum machine_state tally_state(size_t rank)
{
	return PARTS[rank].state;
}

const char *tally_word(enum machine_state s, bool back)
{
	size_t i = row_of(s);

	return back && PARTS[i].back ? PARTS[i].back : PARTS[i].words;
}

enum sign tally_sign(enum machine_state s)
{
	return PARTS[row_of(s)].sign;
}

enum tally_kind tally_kind(enum machine_state s)
{
	return PARTS[row_of(s)].kind;
}

static void add_part(const struct tally *t, enum machine_state s, struct text *ret)
{
	if (s == PARTS[0].state)
		text_addf(ret, "%" PRId64 " of %" PRId64 " machines", t->counts[s], t->machines);
	else
		text_addf(ret, ", %" PRId64, t->counts[s]);
	text_addf(ret, " %s", tally_word(s, t->back));
	if (t->why[s])
		text_addf(ret, " (%s)", t->why[s]);
}

void tally_line(const struct tally *t, struct text *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++)
		if (i == 0 || t->counts[PARTS[i].state])
			add_part(t, PARTS[i].state, ret);
	if (t->halted && *t->halted)
		text_addf(ret, "; halted: %s", t->halted);
}

json_t *tally_object(const struct tally *t)
{
	json_t *o = json_object();

	member_number(o, "machines", t->machines);
	for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++)
		member_number(o, PARTS[i].key, t->counts[PARTS[i].state]);
	member_text(o, "halted", t->halted);
	return o;
}

struct tally tally_of(const struct rollout *ro, const char *halted, bool back)
{
	struct tally t = { .machines = (int64_t)rollout_size(ro), .halted = halted, .back = back };

	for (size_t i = 0; i < MACHINE_STATE_COUNT; i++)
		t.counts[i] = (int64_t)rollout_count(ro, (enum machine_state)i);
	return t;
}
