#include "run/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "journal/journal.h"

enum { DESCRIPTION_SIZE = 256 };

static const enum event_kind NEWS_EVENTS[] = {
	[NEWS_STEP_STARTED] = EVENT_STEP_STARTED,
	[NEWS_STEP_PROVED] = EVENT_STEP_PROVED,
	[NEWS_STEP_UNDONE] = EVENT_STEP_UNDONE,
	[NEWS_WINDOW_OPENED] = EVENT_WINDOW_OPENED,
	[NEWS_WINDOW_CLOSED] = EVENT_WINDOW_CLOSED,
	[NEWS_TURNED_BACK] = EVENT_TURNED_BACK,
	[NEWS_RETRYING] = EVENT_RETRYING,
	[NEWS_WAITING] = EVENT_WAITING,
	[NEWS_FOUND] = EVENT_OBSERVED,
	[NEWS_FINISHED] = EVENT_FINISHED,
};

void ledger_init(struct ledger *l, struct journal *j, const struct clock *clock)
{
	*l = (struct ledger){ .journal = j, .clock = clock };
}

static struct event *note(struct ledger *l, const struct rebuild *r, enum event_kind kind)
{
	struct event *e;

	l->events = alloc_room(l->events, &l->size, l->count + 1, sizeof(*l->events));
	e = &l->events[l->count++];
	*e = (struct event){ .kind = kind, .rebuild = r->id, .at_ms = clock_wall_ms(l->clock) };
	e->epoch = l->lease.epoch;
	return e;
}

/* How it ended is an event kind of its own where an operator looks for it. */
static enum event_kind end_event(enum rebuild_course course)
{
	switch (course) {
	case COURSE_ROLLED_BACK:
		return EVENT_ROLLED_BACK;
	case COURSE_PARKED:
	case COURSE_INTERRUPTED:
	case COURSE_TAKEN_OVER:
		return EVENT_PARKED;
	case COURSE_REFUSED:
		return EVENT_FAILED;
	case COURSE_FORWARD:
	case COURSE_BACK:
	case COURSE_DONE:
	case COURSE_UNCHANGED:
		break;
	}
	return EVENT_FINISHED;
}

void ledger_news(struct ledger *l, const struct rebuild *r, const struct news *n)
{
	enum event_kind kind = n->kind == NEWS_FINISHED ? end_event(r->course) : NEWS_EVENTS[n->kind];
	struct event *e = note(l, r, kind);

	e->step = n->step;
	e->detail = arena_copy(&l->arena, n->text);
	if (n->kind == NEWS_WINDOW_CLOSED)
		e->took_ms = r->window_closed_ms - r->window_opened_ms;
}

void ledger_intent(struct ledger *l, const struct rebuild *r, const struct effect *effect)
{
	struct event *e = note(l, r, EVENT_INTENT);
	char described[DESCRIPTION_SIZE];

	e->step = effect->step;
	e->effect = effect_kind_name(effect->kind);
	e->token = arena_copy(&l->arena, effect->token);
	e->detail = arena_copy(&l->arena, effect_describe(effect, described, sizeof(described)));
}

void ledger_outcome(struct ledger *l, const struct rebuild *r, const struct answer *a, const char *step)
{
	struct event *e = note(l, r, EVENT_OUTCOME);

	e->step = step;
	e->effect = effect_kind_name(a->effect);
	e->token = arena_copy(&l->arena, a->token);
	e->detail = arena_copy(&l->arena, a->err->message);
	e->error = a->err->kind;
	e->happened = a->err->kind ? a->err->happened : HAPPENED_YES;
	e->request_id = arena_copy(&l->arena, a->request_id);
	e->took_ms = a->took_ms;
}

enum record_state ledger_state(const struct rebuild *r)
{
	if (r->resume_finished)
		return RECORD_DONE; /* green serves, whatever becomes of the blue that was kept */
	switch (r->course) {
	case COURSE_DONE:
	case COURSE_UNCHANGED:
		return RECORD_DONE;
	case COURSE_ROLLED_BACK:
		return RECORD_ROLLED_BACK;
	case COURSE_PARKED:
	case COURSE_INTERRUPTED:
	case COURSE_TAKEN_OVER:
		return RECORD_PARKED;
	case COURSE_REFUSED:
		return RECORD_FAILED;
	case COURSE_FORWARD:
	case COURSE_BACK:
		break;
	}
	return RECORD_RUNNING;
}

/* Ids and addresses need no escaping. */
static const char *add_to_list(struct arena *a, const char *list, const char *word)
{
	return arena_printf(a, "%s%s\"%s\"", list, list[1] ? "," : "", word);
}

static const char *list_volumes(const struct rebuild *r, struct arena *a)
{
	const char *list = "[";

	for (size_t i = 0; i < r->volume_count; i++)
		if (r->volumes[i].id[0])
			list = add_to_list(a, list, r->volumes[i].id);
	return arena_printf(a, "%s]", list);
}

static const char *list_addresses(const struct rebuild *r, struct arena *a)
{
	const char *list = "[";

	for (size_t i = 0; i < r->world.address_count; i++)
		list = add_to_list(a, list, r->world.addresses[i].public_ip);
	return arena_printf(a, "%s]", list);
}

struct record ledger_record(const struct rebuild *r, struct arena *a)
{
	return (struct record){
		.id = r->id,
		.plan_name = r->plan->name,
		.plan_path = r->plan->path,
		.plan_digest = r->plan->digest,
		.blue = r->world.blue.id,
		.green = r->world.green.id,
		.image_from = r->world.blue.image_id,
		.image_to = r->world.image.id,
		.volumes = list_volumes(r, a),
		.addresses = list_addresses(r, a),
		.cause = r->cause,
		.state = ledger_state(r),
	};
}

/* One that is over gives its lease back in the same breath: a kill between the two would leave it for ever. */
static bool put_record(
	struct ledger *l, const struct rebuild *r, const struct record *record, struct error *err)
{
	if (!l->recorded)
		return record_create(l->journal, record, err);
	if (rebuild_is_over(r))
		return record_close(l->journal, record, &l->lease, err);
	return record_update(l->journal, record, l->lease.epoch, err);
}

static bool write_record(struct ledger *l, const struct rebuild *r, struct error *err)
{
	auto_arena a = ARENA_INIT;
	struct record record = ledger_record(r, &a);

	record.updated_ms = clock_wall_ms(l->clock);
	if (!l->created_ms)
		l->created_ms = record.updated_ms;
	record.created_ms = l->created_ms;
	return put_record(l, r, &record, err);
}

static bool take_lease(
	struct ledger *l, const struct rebuild *r, const char *user, const char *version, struct error *err)
{
	l->lease.rebuild = r->id;
	l->lease.version = version;
	holder_self(user, &l->lease.holder);
	l->recorded = lease_take(l->journal, &l->lease, clock_wall_ms(l->clock), err);
	return l->recorded;
}

bool ledger_adopt(
	struct ledger *l, const struct rebuild *r, const char *user, const char *version, struct error *err)
{
	struct event *e;

	if (!take_lease(l, r, user, version, err))
		return false;
	e = note(l, r, EVENT_RESUMED);
	e->detail = "everything is looked at first, then it goes on from there";
	return true;
}

void ledger_adopted(struct ledger *l, const struct rebuild *r, const char *told_as)
{
	struct event *e = note(l, r, EVENT_RESUMED);
	const char *holder = strchr(r->world.blue.journal, ' ');

	e->token = arena_copy(&l->arena, told_as);
	e->detail = arena_printf(&l->arena,
		"rebuild %s of %s is gone on with by its tags alone; it was begun by %s", r->id,
		r->world.blue.id, holder ? holder + 1 : "somebody else");
}

bool ledger_open(
	struct ledger *l, const struct rebuild *r, const char *user, const char *version, struct error *err)
{
	struct event *e;

	if (l->recorded)
		return true;
	if (!l->journal)
		return error_set(err, ERROR_BUG, "a rebuild without a journal wants to change something");
	if (!write_record(l, r, err))
		return false;
	if (!take_lease(l, r, user, version, err))
		return false;
	e = note(l, r, EVENT_REBUILD_STARTED);
	e->detail = arena_printf(&l->arena, "%s (%s) is replaced by a machine from %s", r->world.blue.id,
		r->world.blue.image_id, r->world.image.id);
	return true;
}

/* Between two rounds a ledger holds nothing: thousands of rebuilds may be waiting. */
static void forget(struct ledger *l)
{
	free(l->events);
	l->events = NULL;
	l->count = l->size = l->told = 0;
	arena_release(&l->arena);
}

static void tell(struct ledger *l)
{
	for (size_t i = l->told; l->tell && i < l->count; i++)
		l->tell(l->tell_self, &l->events[i]);
	l->told = l->count;
}

struct ledger_mark ledger_mark(const struct ledger *l)
{
	return (struct ledger_mark){ l->count, l->recorded, l->lease, l->created_ms };
}

void ledger_go_back(struct ledger *l, const struct ledger_mark *m)
{
	l->count = m->count;
	l->recorded = m->recorded;
	l->lease = m->lease;
	l->created_ms = m->created_ms;
}

bool ledger_write(struct ledger *l, struct error *err)
{
	return !l->recorded || journal_append(l->journal, l->events, l->count, err);
}

void ledger_written(struct ledger *l)
{
	tell(l);
	forget(l);
}

bool ledger_commit(struct ledger *l, struct error *err)
{
	if (!ledger_write(l, err))
		return false;
	ledger_written(l);
	return true;
}

void ledger_drop_intents(struct ledger *l)
{
	size_t kept = l->told;

	for (size_t i = l->told; i < l->count; i++)
		if (l->events[i].kind != EVENT_INTENT)
			l->events[kept++] = l->events[i];
	l->count = kept;
}

void ledger_tell_anyway(struct ledger *l)
{
	l->lost += l->count;
	tell(l);
	forget(l);
}

void ledger_keep(struct ledger *l)
{
	tell(l);
}

bool ledger_is_old(const struct ledger *l, int64_t age_ms)
{
	return l->recorded && !l->is_lost && clock_wall_ms(l->clock) >= l->lease.renewed_ms + age_ms;
}

bool ledger_renew(struct ledger *l, struct error *err)
{
	return lease_renew(l->journal, &l->lease, clock_wall_ms(l->clock), err);
}

bool ledger_is_ours(const struct ledger *l, struct error *err)
{
	if (lease_check(l->journal, l->lease.rebuild, l->lease.epoch, err))
		return true;
	if (error_is(err, LEASE_LOST) || clock_wall_ms(l->clock) > l->lease.renewed_ms + LEASE_LIFE_MS)
		return false;
	error_release(err);
	return true;
}

bool ledger_update(struct ledger *l, const struct rebuild *r, struct error *err)
{
	if (!l->recorded || l->is_lost)
		return true;
	return write_record(l, r, err);
}

void ledger_release(struct ledger *l)
{
	forget(l);
}
