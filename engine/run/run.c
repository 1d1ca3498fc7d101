#include "run/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "journal/wish.h"
#include "rebuild/course.h"
#include "rebuild/guards.h"
#include "run/ledger.h"
#include "run/lineage.h"

enum { QUERIES_PER_MACHINE = REBUILD_QUERIES_MAX, LISTEN_MS = 1000 };

/* One rebuild and its place in the loop. */
struct member {
	struct rebuild rebuild;
	struct ledger ledger;
	int64_t wake_ms;
	bool needs_guest[2]; /* blue, green: may be asked something soon */
	bool green_known;    /* ... to its record */
	bool ended;          /* its end is recorded */
};

struct run {
	struct run_options options;
	struct run_providers providers;
	uv_loop_t *loop;
	uv_timer_t timer;
	struct member **members;
	size_t count, size;
	struct query *queries; /* of this turn, all machines together */
	size_t query_count;
	int64_t heard_ms; /* when operators' requests were last looked for */
};

static struct moment moment(const struct run *run)
{
	return (struct moment){ .mono_ms = clock_mono_ms(run->options.clock),
		.wall_ms = clock_wall_ms(run->options.clock) };
}

/* Drops from the decision what a guard forbids; the rebuild hears why. */
static void pass_guards(struct member *m, struct decision *d, struct moment now)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->effect_count; i++) {
		const char *reason;

		if (rebuild_is_over(&m->rebuild))
			break;
		if (guards_refuse(&m->rebuild, &d->effects[i], now, &reason)) {
			rebuild_refused(&m->rebuild, &d->effects[i], reason);
			m->wake_ms = now.mono_ms;
			kept = 0; /* the course has changed: nothing decided before it is done */
			break;
		}
		d->effects[kept++] = d->effects[i];
	}
	d->effect_count = kept;
}

static bool record(struct run *run, struct member *m, const struct decision *d, struct error *err)
{
	for (size_t i = 0; i < d->effect_count; i++) {
		if (!effect_changes_something(&d->effects[i]))
			continue; /* only what comes of it is recorded */
		if (!ledger_open(&m->ledger, &m->rebuild, run->options.user, run->options.version, err))
			return false;
		ledger_intent(&m->ledger, &m->rebuild, &d->effects[i]);
	}
	return ledger_commit(&m->ledger, err);
}

/* Without its journal a rebuild ends here; what somebody else drives is theirs. */
static void begin_nothing_more(struct member *m, const struct error *err)
{
	struct rebuild *r = &m->rebuild;

	if (error_is(err, LEASE_LOST) || error_is(err, LEASE_HELD)) {
		m->ledger.is_lost = true;
		rebuild_lose(r, err->message);
		return;
	}
	text_copy(r->cause, sizeof(r->cause), err->message);
	r->cause_kind = err->kind;
	rebuild_ask(r, REQUEST_STOP);
}

/*
 * The journal did not take it. Somebody else may drive this rebuild now: then nothing more is done.
 * Otherwise nothing new is begun, unless clients are waiting: a full disk here must not keep them
 * waiting, and tags and the world are enough to go on from (docs/decisions/0003).
 */
static bool may_act_unrecorded(struct member *m, const struct error *err)
{
	bool theirs = error_is(err, LEASE_LOST) || error_is(err, LEASE_HELD);
	auto_error fenced = ERROR_INIT;

	if (!theirs && rebuild_in_window(&m->rebuild) && ledger_is_ours(&m->ledger, &fenced)) {
		ledger_tell_anyway(&m->ledger);
		return true;
	}
	ledger_drop_intents(&m->ledger);
	begin_nothing_more(m, fenced.kind ? &fenced : err);
	ledger_tell_anyway(&m->ledger);
	return false;
}

static void act(struct run *run, struct member *m, const struct decision *d, struct moment now)
{
	for (size_t i = 0; i < d->effect_count; i++) {
		const struct effect *e = &d->effects[i];
		const struct provider *p =
			effect_is_guest(e->kind) ? &run->providers.guest : &run->providers.cloud;

		rebuild_begun(&m->rebuild, e, now);
		p->act(p->self, e);
	}
}

static void collect_queries(struct run *run, const struct decision *d)
{
	memcpy(run->queries + run->query_count, d->queries, d->query_count * sizeof(*d->queries));
	run->query_count += d->query_count;
}

static void record_end(struct member *m)
{
	auto_error err = ERROR_INIT;

	if (m->ended || !rebuild_is_over(&m->rebuild) || m->rebuild.flight_count)
		return;
	m->ended = true;
	if (!ledger_update(&m->ledger, &m->rebuild, &err))
		m->ledger.lost++;
}

/* Who reads the journal shall find green while it is still being made ready. */
static void record_green(struct member *m)
{
	auto_error err = ERROR_INIT;

	if (m->green_known || !m->rebuild.world.green.id[0] || rebuild_in_window(&m->rebuild))
		return;
	m->green_known = true;
	if (!ledger_update(&m->ledger, &m->rebuild, &err))
		m->ledger.lost++;
}

/* The sessions are half of what a rebuild costs in memory: none stays open for which there is no use soon. */
static void rest_guests(struct run *run, struct member *m)
{
	const struct provider *p = &run->providers.guest;
	const struct rebuild *r = &m->rebuild;

	for (int green = 0; p->rest && green <= 1; green++) {
		bool needs = rebuild_needs_guest(r, green);

		if (m->needs_guest[green] && !needs)
			p->rest(p->self, green ? r->world.green.id : r->world.blue.id);
		m->needs_guest[green] = needs;
	}
}

/* Once round the loop for one rebuild: decide, guard, record, act. */
static void turn_member(struct run *run, struct member *m)
{
	struct moment now = moment(run);
	struct decision *d = malloc(sizeof(*d));
	auto_error err = ERROR_INIT;

	if (!d)
		abort();
	rebuild_decide(&m->rebuild, now, d);
	m->wake_ms = d->wake_ms;
	for (size_t i = 0; i < d->news_count; i++)
		ledger_news(&m->ledger, &m->rebuild, &d->news[i]);
	rest_guests(run, m);
	pass_guards(m, d, now);
	if (record(run, m, d, &err) || may_act_unrecorded(m, &err)) {
		act(run, m, d, now);
		collect_queries(run, d);
	}
	record_green(m);
	record_end(m);
	free(d);
}

static void observe(struct run *run)
{
	struct query *cloud = run->queries, *guest;
	size_t cloud_count = 0;

	/* Guests are asked one by one anyway; the cloud's questions stand together, in their order. */
	for (size_t i = 0; i < run->query_count; i++) {
		if (run->queries[i].kind == QUERY_GUEST) {
			guest = &run->queries[i];
			run->providers.guest.observe(run->providers.guest.self, guest, 1);
			continue;
		}
		cloud[cloud_count++] = run->queries[i];
	}
	if (cloud_count)
		run->providers.cloud.observe(run->providers.cloud.self, cloud, cloud_count);
	run->query_count = 0;
}

static void renew(struct member *m)
{
	auto_error err = ERROR_INIT;

	if (rebuild_is_over(&m->rebuild) || ledger_renew(&m->ledger, &err) || !error_is(&err, LEASE_LOST))
		return;
	begin_nothing_more(m, &err);
	m->wake_ms = 0;
}

static struct member *find_member(struct run *run, const char *rebuild)
{
	for (size_t i = 0; i < run->count; i++)
		if (!strcmp(run->members[i]->rebuild.id, rebuild) && run->members[i]->ledger.recorded)
			return run->members[i];
	return NULL;
}

static void hear(struct run *run, const struct journal_wish *q)
{
	struct member *m = find_member(run, q->rebuild);
	auto_error err = ERROR_INIT;

	/* One that cannot be taken out of the journal would be heard again and again: next time, then. */
	if (!m || !wish_remove(run->options.journal, q->rebuild, &err))
		return;
	rebuild_ask(&m->rebuild, q->kind == JOURNAL_WISH_STOP ? REQUEST_STOP : REQUEST_ROLLBACK);
	m->wake_ms = 0;
}

/* What operators ask of us from other processes, by way of the journal. */
static void hear_operators(struct run *run, int64_t now)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct journal_wish *list;
	size_t count;

	if (!run->options.journal || now < run->heard_ms + LISTEN_MS)
		return;
	run->heard_ms = now;
	if (!wish_list(run->options.journal, &a, &list, &count, &err))
		return;
	for (size_t i = 0; i < count; i++)
		hear(run, &list[i]);
}

static void turn(uv_timer_t *timer)
{
	struct run *run = timer->data;
	int64_t now = clock_mono_ms(run->options.clock), next = now + 60 * 1000;
	bool over = true;

	hear_operators(run, now);
	for (size_t i = 0; i < run->count; i++) {
		struct member *m = run->members[i];

		renew(m);
		if (m->ended)
			continue;
		if (m->wake_ms <= now)
			turn_member(run, m);
		over = over && m->ended;
		if (m->wake_ms < next)
			next = m->wake_ms;
	}
	observe(run);
	if (over) {
		uv_stop(run->loop);
		return;
	}
	now = clock_mono_ms(run->options.clock);
	uv_timer_start(&run->timer, turn, next > now ? (uint64_t)(next - now) : 0, 0);
}

static void wake(struct run *run, struct member *m)
{
	m->wake_ms = 0;
	uv_timer_start(&run->timer, turn, 0, 0);
}

/* By its tags it may turn out to be a rebuild that was begun elsewhere: then it has another id. */
static void absorb(struct member *m, const struct answer *a, struct moment now)
{
	char before[CLOUD_NAME_SIZE];

	text_copy(before, sizeof(before), m->rebuild.id);
	rebuild_absorb(&m->rebuild, a, now);
	if (strcmp(before, m->rebuild.id) != 0)
		ledger_adopted(&m->ledger, &m->rebuild, before);
}

static void answered(void *self, const struct answer *a)
{
	struct run *run = self;
	struct member *m = run->members[a->subject];
	bool told = a->is_effect && a->effect != EFFECT_CHECK;

	if (told && m->ledger.recorded)
		ledger_outcome(&m->ledger, &m->rebuild, a, rebuild_step_of(&m->rebuild, a->token));
	absorb(m, a, moment(run));
	wake(run, m);
}

struct run *run_new(uv_loop_t *loop, const struct run_options *o)
{
	struct run *run = calloc(1, sizeof(*run));

	if (!run)
		abort();
	run->options = *o;
	run->loop = loop;
	uv_timer_init(loop, &run->timer);
	run->timer.data = run;
	return run;
}

struct sink run_sink(struct run *r)
{
	return (struct sink){ .self = r, .answered = answered };
}

void run_set_providers(struct run *r, struct run_providers p)
{
	r->providers = p;
}

static void grow(struct run *run)
{
	if (run->count < run->size)
		return;
	run->size = run->size ? run->size * 2 : 4;
	run->members = realloc(run->members, run->size * sizeof(struct member *));
	run->queries = realloc(run->queries, run->size * QUERIES_PER_MACHINE * sizeof(struct query));
	if (!run->members || !run->queries)
		abort();
}

static struct member *add_member(struct run *run, const char *id, const char *blue_id)
{
	struct member *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	grow(run);
	rebuild_init(&m->rebuild, id, run->options.plan, blue_id);
	m->rebuild.subject = (uint32_t)run->count;
	m->rebuild.options = (struct rebuild_options){ .journal = run->options.claim,
		.preflight_only = run->options.preflight_only,
		.only_unfinished = run->options.only_unfinished,
		.pace_percent = run->options.pace_percent };
	ledger_init(&m->ledger, run->options.journal, run->options.clock);
	m->ledger.tell = run->options.tell;
	m->ledger.tell_self = run->options.tell_self;
	run->members[run->count++] = m;
	return m;
}

void run_add(struct run *run, const char *blue_id)
{
	char id[CLOUD_NAME_SIZE];

	id_random(id, sizeof(id), "rb-", run->options.entropy);
	add_member(run, id, blue_id);
}

/* Whoever had the lease until a moment ago may have turned back, or finished. */
static bool read_again(
	struct run *run, const char *id, struct arena *a, struct rebuild_past *past, struct error *err)
{
	struct record record;
	bool found;

	return record_find(run->options.journal, id, a, &record, &found, err) &&
	       lineage_past(run->options.journal, &record, run->options.plan, a, past, err);
}

static bool add_past(struct run *run, const struct record *record, bool rollback, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct rebuild_past past;
	struct member *m;

	/* Before the lease is taken, to refuse what cannot be gone on with. */
	if (!lineage_past(run->options.journal, record, run->options.plan, &a, &past, err))
		return false;
	m = add_member(run, record->id, record->blue);
	if (!ledger_adopt(&m->ledger, &m->rebuild, run->options.user, run->options.version, err) ||
		!read_again(run, record->id, &a, &past, err))
		return false;
	if (rollback)
		past.finished = false;
	rebuild_resume(&m->rebuild, &past);
	if (rollback)
		rebuild_ask(&m->rebuild, REQUEST_ROLLBACK);
	return true;
}

bool run_add_unfinished(struct run *run, const struct record *record, struct error *err)
{
	return add_past(run, record, false, err);
}

bool run_add_rollback(struct run *run, const struct record *record, struct error *err)
{
	return add_past(run, record, true, err);
}

void run_add_rollback_by_tags(struct run *run, const char *blue_id)
{
	run_add(run, blue_id);
	rebuild_ask(&run->members[run->count - 1]->rebuild, REQUEST_ROLLBACK);
}

void run_until_over(struct run *run)
{
	uv_timer_start(&run->timer, turn, 0, 0);
	uv_run(run->loop, UV_RUN_DEFAULT);
}

void run_interrupt(struct run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		rebuild_ask(&run->members[i]->rebuild, REQUEST_STOP);
		wake(run, run->members[i]);
	}
}

size_t run_count(const struct run *run)
{
	return run->count;
}

const struct rebuild *run_rebuild(const struct run *run, size_t i)
{
	return &run->members[i]->rebuild;
}

static void closed(uv_handle_t *timer)
{
	struct run *run = timer->data;

	for (size_t i = 0; i < run->count; i++) {
		rebuild_release(&run->members[i]->rebuild);
		ledger_release(&run->members[i]->ledger);
		free(run->members[i]);
	}
	free(run->members);
	free(run->queries);
	free(run);
}

void run_free(struct run *run)
{
	uv_timer_stop(&run->timer);
	uv_close((uv_handle_t *)&run->timer, closed);
	uv_run(run->loop, UV_RUN_NOWAIT);
}
