/* lock_list.c: `changeover lock list`: who holds which lock, and what became of them. */
#include <string.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/store.h"
#include "report/member.h"
#include "report/style.h"
#include "server/holder_facts.h"
#include "server/lock_store.h"

enum { TEXT_BYTES = 16 * 1024 * 1024 };

struct list_settings {
	bool all;
};

struct listing {
	const struct cli *cli;
	bool all;
	const char *only; /* the lock that was named; NULL: none was */
	struct arena arena;
	struct lock_store locks;
	struct holder_facts facts;
	size_t shown;
	int name_width, holder_width;
};

static bool is_shown(const struct listing *l, const struct lock *k)
{
	if (l->only)
		return !strcmp(l->only, k->name);
	return l->all || k->count || !k->enabled;
}

static int widest(int width, const char *text)
{
	return (int)strlen(text) > width ? (int)strlen(text) : width;
}

static void measure(struct listing *l)
{
	for (size_t i = 0; i < l->locks.table.count; i++) {
		const struct lock *k = l->locks.table.locks[i];

		if (!is_shown(l, k))
			continue;
		l->shown++;
		l->name_width = widest(l->name_width, k->name);
		for (size_t n = 0; n < k->count; n++)
			l->holder_width = widest(l->holder_width, k->holders[n].name);
	}
}

static void add_lock_columns(const struct listing *l, const struct lock *k, struct text *ret)
{
	text_addf(ret, "%-*s  %zu of %d  ", l->name_width, k->name, k->count, (int)k->slots);
	if (!k->enabled)
		text_add(ret, "disabled  ");
}

static bool add_holder_line(const struct listing *l, const struct lock *k, const struct lock_holder *h,
	struct text *ret, struct error *err)
{
	char since[CLOCK_TEXT_SIZE];
	struct holder_fact fact;

	if (!holder_facts_find(&l->facts, h->name, &fact, err))
		return false;
	add_lock_columns(l, k, ret);
	text_addf(ret, "%-*s  since %s  %-9s  ", l->holder_width, h->name,
		clock_format_seconds(h->since_ms, since), h->via);
	style_clean(fact.text, ret);
	text_add(ret, "\n");
	return true;
}

static bool add_lines(const struct listing *l, const struct lock *k, struct text *ret, struct error *err)
{
	if (!k->count) {
		add_lock_columns(l, k, ret);
		text_add(ret, "free\n");
	}
	for (size_t i = 0; i < k->count; i++)
		if (!add_holder_line(l, k, &k->holders[i], ret, err))
			return false;
	return true;
}

static bool print_text(const struct listing *l, struct error *err)
{
	auto_text text = { 0 };

	text_init(&text, TEXT_BYTES);
	for (size_t i = 0; i < l->locks.table.count; i++)
		if (is_shown(l, l->locks.table.locks[i]) &&
			!add_lines(l, l->locks.table.locks[i], &text, err))
			return false;
	fputs(text.bytes, l->cli->out);
	return true;
}

static bool add_holder_json(
	const struct listing *l, const struct lock_holder *h, json_t *list, struct error *err)
{
	int64_t held_ms = l->facts.now_ms - h->since_ms;
	struct holder_fact fact;
	json_t *o;

	if (!holder_facts_find(&l->facts, h->name, &fact, err))
		return false;
	o = json_object();
	member_text(o, "holder", h->name);
	member_text(o, "via", h->via);
	member_time(o, "since", h->since_ms);
	member_number(o, "held_ms", held_ms);
	json_object_set_new(o, "stale", json_boolean(held_ms >= LOCK_STALE_MS));
	member_text(o, "fate", holder_fate_name(fact.fate));
	member_text(o, "rebuild", fact.rebuild);
	member_text(o, "explanation", fact.text);
	json_array_append_new(list, o);
	return true;
}

static bool add_lock_json(const struct listing *l, const struct lock *k, json_t *list, struct error *err)
{
	json_t *o = json_object(), *holders = json_array();

	member_text(o, "name", k->name);
	member_number(o, "id", k->id);
	member_number(o, "slots", k->slots);
	json_object_set_new(o, "enabled", json_boolean(k->enabled));
	json_object_set_new(o, "holders", holders);
	json_array_append_new(list, o);
	for (size_t i = 0; i < k->count; i++)
		if (!add_holder_json(l, &k->holders[i], holders, err))
			return false;
	return true;
}

static bool print_json(const struct listing *l, struct error *err)
{
	json_auto_t *document = json_object();
	json_t *list = json_array();

	json_object_set_new(document, "locks", list);
	for (size_t i = 0; i < l->locks.table.count; i++)
		if (is_shown(l, l->locks.table.locks[i]) &&
			!add_lock_json(l, l->locks.table.locks[i], list, err))
			return false;
	message_document(l->cli, document);
	return true;
}

static bool list_locks(struct listing *l, struct journal *j, struct error *err)
{
	lock_store_init(&l->locks, j);
	if (!lock_store_refresh(&l->locks, err) ||
		!holder_facts_read(j, &l->arena, clock_wall_ms(l->cli->clock), &l->facts, err))
		return false;
	measure(l);
	if (l->only && !l->shown)
		return error_set(err, ERROR_MISSING, "there is no lock %s in %s", l->only, journal_path(j));
	if (!l->shown)
		message_note(l->cli, "nobody holds a lock in %s", journal_path(j));
	return l->cli->shared.json ? print_json(l, err) : print_text(l, err);
}

static enum exit_code lock_list_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct list_settings *s = settings;
	struct listing l = { .cli = cli, .all = s->all, .only = args->items[0] };
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;
	bool listed = store_open(cli, JOURNAL_READ, &j, &err) && list_locks(&l, j, &err);

	lock_store_release(&l.locks);
	arena_release(&l.arena);
	return listed ? EXIT_DONE : message_error(cli, &err, NULL);
}

static const struct option_row OPTIONS[] = {
	{ .name = "all",
		.letter = 'a',
		.kind = OPTION_FLAG,
		.offset = offsetof(struct list_settings, all),
		.help = "show free locks, too" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover lock list", "who holds a lock, since when, and whether they are back" },
	{ "changeover lock list --json cluster-1", "one lock, for a script" },
	{ NULL, NULL },
};

const struct command command_lock_list = {
	.name = "lock list",
	.summary = "Show who holds the locks of `serve`, and what became of them",
	.arguments = "[NAME]",
	.max_arguments = 1,
	.help = "Shows the locks that somebody holds or that are disabled. A holder that is a rebuild or "
		"a machine of one is explained by its record: under way, parked and why, or come to its "
		"end. Of machines that update themselves nothing is known here.",
	.options = OPTIONS,
	.settings_size = sizeof(struct list_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = lock_list_run,
};
