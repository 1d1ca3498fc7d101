/* lock_release.c: `changeover lock release`: takes a lock away from who does not give it back. */
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/store.h"
#include "report/member.h"
#include "server/holder_facts.h"
#include "server/lock_store.h"

enum { TRIES_MAX = 20 }; /* against a service that writes at the same moment */

struct release_settings {
	bool force;
};

struct releasing {
	const struct cli *cli;
	bool force;
	const char *name, *who; /* who NULL: the only holder */
	struct arena arena;
	struct lock_store locks;
	/* What was found, and what came of it. */
	struct holder_fact fact;
	int64_t since_ms, now_ms;
	size_t still_held;
	int64_t slots;
};

/* "host-a and host-b"; the arena's */
static const char *holders_text(struct arena *a, const struct lock *l)
{
	const char *text = l->count ? l->holders[0].name : "nobody";

	for (size_t i = 1; i < l->count; i++)
		text = arena_printf(a, "%s%s%s", text, i + 1 < l->count ? ", " : " and ", l->holders[i].name);
	return text;
}

static bool find_lock(struct releasing *r, const struct lock **ret, struct error *err)
{
	*ret = lock_table_find(&r->locks.table, r->name, false);
	if (*ret)
		return true;
	error_set(err, ERROR_MISSING, "there is no lock %s in %s", r->name, journal_path(r->locks.journal));
	return error_hint(err, "`changeover lock list --all` shows those that there are");
}

static bool find_holder(
	struct releasing *r, const struct lock *l, const struct lock_holder **ret, struct error *err)
{
	if (!r->who && l->count > 1)
		return error_set(
			err, ERROR_USAGE, "%s is held by %s: say which", l->name, holders_text(&r->arena, l));
	*ret = r->who ? lock_find_holder(l, r->who) : l->count ? &l->holders[0] : NULL;
	if (*ret)
		return true;
	if (!r->who)
		return error_set(err, ERROR_MISSING, "nobody holds lock %s", l->name);
	return error_set(err, ERROR_MISSING, "%s does not hold lock %s: it is held by %s", r->who, l->name,
		holders_text(&r->arena, l));
}

/* A machine that is away must be counted as such, or one more of its group goes. */
static bool check_facts(struct releasing *r, const struct lock_holder *h, struct error *err)
{
	struct holder_facts facts;

	if (!holder_facts_read(r->locks.journal, &r->arena, r->now_ms, &facts, err) ||
		!holder_facts_find(&facts, h->name, &r->fact, err))
		return false;
	if (r->fact.fate != HOLDER_AWAY || r->force)
		return true;
	error_set(err, ERROR_UNSAFE, "%s is still away, and another of its group would go: %s", h->name,
		r->fact.text);
	return error_hint(err, "bring that rebuild to its end: then it gives the lock back; or --force");
}

static void take_away(struct releasing *r, const struct lock_holder *h)
{
	const struct lock_ask ask = {
		.act = LOCK_RELEASE,
		.name = r->name,
		.who = r->who = arena_copy(&r->arena, h->name),
		.via = arena_printf(&r->arena, "operator %s", store_user(r->cli, &r->arena)),
		.now_ms = r->now_ms,
	};
	struct lock_decision d;

	r->since_ms = h->since_ms;
	d = lock_decide(&r->locks.table, &ask, &r->locks.changes);
	r->still_held = d.lock->count;
	r->slots = d.lock->slots;
}

/* One try; *outdated says that somebody else changed locks meanwhile. */
static bool release_once(struct releasing *r, bool *outdated, struct error *err)
{
	const struct lock *l;
	const struct lock_holder *h;

	if (!lock_store_refresh(&r->locks, err) || !find_lock(r, &l, err) || !find_holder(r, l, &h, err) ||
		!check_facts(r, h, err))
		return false;
	take_away(r, h);
	return lock_store_save(&r->locks, outdated, err);
}

static bool release_lock(struct releasing *r, struct error *err)
{
	bool outdated;

	for (int i = 0; i < TRIES_MAX; i++) {
		if (!release_once(r, &outdated, err))
			return false;
		if (!outdated)
			return true;
	}
	return error_set(err, ERROR_CONFLICT, "other processes change the locks all the time");
}

static void print_json(const struct releasing *r)
{
	json_auto_t *document = json_object();

	member_text(document, "result", "released");
	member_text(document, "lock", r->name);
	member_text(document, "holder", r->who);
	member_time(document, "since", r->since_ms);
	member_text(document, "fate", holder_fate_name(r->fact.fate));
	member_text(document, "rebuild", r->fact.rebuild);
	member_text(document, "explanation", r->fact.text);
	member_number(document, "still_held", (int64_t)r->still_held);
	member_number(document, "slots", r->slots);
	message_document(r->cli, document);
}

static void print(const struct releasing *r)
{
	char since[CLOCK_TEXT_SIZE], span[CLOCK_SPAN_SIZE];

	if (r->cli->shared.json) {
		print_json(r);
		return;
	}
	fprintf(r->cli->out, "released %s from %s, held since %s (%s): %zu of %d slots are still held\n",
		r->name, r->who, clock_format_seconds(r->since_ms, since),
		clock_format_span(r->now_ms - r->since_ms, span), r->still_held, (int)r->slots);
	fprintf(r->cli->out, "%s: %s\n", r->who, r->fact.text);
}

/* It is on the disk in any case; that a service is settling at this moment is no failure of ours. */
static void tidy(struct journal *j)
{
	auto_error ignored = ERROR_INIT;

	(void)!holding_settle(j, &ignored);
}

/* It must be there: one that is made now has no locks. */
static bool open_journal(const struct cli *cli, struct journal **ret, struct error *err)
{
	auto_journal *seen = NULL;

	return store_open(cli, JOURNAL_READ, &seen, err) && store_open(cli, JOURNAL_WRITE, ret, err);
}

static enum exit_code lock_release_run(
	const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct release_settings *s = settings;
	struct releasing r = {
		.cli = cli,
		.force = s->force,
		.name = args->items[0],
		.who = args->items[1],
		.now_ms = clock_wall_ms(cli->clock),
	};
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	bool released = open_journal(cli, &j, &err);

	lock_store_init(&r.locks, j);
	released = released && release_lock(&r, &err);
	if (released) {
		print(&r);
		tidy(j);
	}
	lock_store_release(&r.locks);
	arena_release(&r.arena);
	return released ? EXIT_DONE : message_error(cli, &err, NULL);
}

static const struct option_row OPTIONS[] = {
	{ .name = "force",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct release_settings, force),
		.help = "although the journal says that the holder is still away" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover lock release cluster-1", "from its only holder" },
	{ "changeover lock release web host7.example.com", "from this one of several" },
	{ NULL, NULL },
};

const struct command command_lock_release = {
	.name = "lock release",
	.summary = "Take a lock of `serve` away from who does not give it back",
	.arguments = "NAME [HOLDER]",
	.min_arguments = 1,
	.max_arguments = 2,
	.help = "For holders that are gone: the next machine of the group may go then. Refused while the "
		"journal knows that the holder is away: its rebuild goes on, or is parked. Of a holder "
		"that the journal does not know, look yourself first. A running `serve` heeds it at once.",
	.options = OPTIONS,
	.settings_size = sizeof(struct release_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = lock_release_run,
};
