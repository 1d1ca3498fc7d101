#include "run/run.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "journal/wish.h"
#include "run/fleet.h"
#include "run/group.h"
#include "run/lineage.h"
#include "run/members.h"

enum { LISTEN_MS = 1000, LONGEST_PAUSE_MS = 60 * 1000 };

struct run {
	struct run_options options;
	struct run_providers providers;
	uv_loop_t *loop;
	uv_timer_t timer;
	struct members members;
	struct query *queries; /* of this turn, all machines together; room for so many machines' */
	size_t query_count, query_room;
	int64_t heard_ms;    /* when the journal was last tended: operators' requests, and leases */
	struct fleet *fleet; /* NULL: the machines that were added are all */
	bool fleet_asked, machine_ended;
	struct error trouble; /* why the fleet's machines are not known */
};

static struct moment moment(const struct run *run)
{
	return (struct moment){ .mono_ms = clock_mono_ms(run->options.clock),
		.wall_ms = clock_wall_ms(run->options.clock) };
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

static void hear(struct run *run, const struct journal_wish *q)
{
	struct member *m = members_find_active(&run->members, q->rebuild);
	auto_error err = ERROR_INIT;

	/* What is asked of another process, which may have taken it over from us, is for that one to hear. */
	if (!m || q->epoch > m->ledger.lease.epoch)
		return;
	/* One that cannot be taken out of the journal would be heard again and again: next time, then. */
	if (!wish_remove(run->options.journal, q, &err))
		return;
	/* Whoever drove it before was asked, and died. */
	if (q->epoch < m->ledger.lease.epoch)
		return;
	rebuild_ask(&m->rebuild, q->kind == JOURNAL_WISH_STOP ? REQUEST_STOP : REQUEST_ROLLBACK);
	m->wake_ms = 0;
}

/* What operators ask of us from other processes, by way of the journal. */
static void hear_operators(struct run *run)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct journal_wish *list;
	size_t count;

	if (!wish_list(run->options.journal, &a, &list, &count, &err))
		return;
	for (size_t i = 0; i < count; i++)
		hear(run, &list[i]);
}

/* What has not opened its window when the rollout halts is put back; clients have noticed nothing. */
static void withdraw(struct run *run)
{
	for (size_t i = 0; i < run->members.active_count; i++) {
		struct member *m = run->members.active[i];

		if (m->machine == FLEET_NO_MACHINE || m->rebuild.rollback_asked ||
			m->rebuild.window_opened_ms)
			continue;
		fleet_withdrawn(run->fleet, m->machine);
		rebuild_ask(&m->rebuild, REQUEST_ROLLBACK);
		m->wake_ms = 0;
	}
}

static void take_list(struct run *run, const struct answer *a)
{
	if (!fleet_listed(run->fleet, a, &run->trouble))
		fleet_stop(run->fleet);
}

static void ask_for_list(struct run *run)
{
	const struct query *q;

	run->fleet_asked = true;
	if (!fleet_ask(run->fleet, &q, &run->trouble))
		fleet_stop(run->fleet);
	else if (q)
		run->providers.cloud.observe(run->providers.cloud.self, q, 1);
	else
		take_list(run, NULL);
}

static void look_after_fleet(struct run *run)
{
	const struct query *q = fleet_question(run->fleet, moment(run));

	if (q)
		run->providers.cloud.observe(run->providers.cloud.self, q, 1);
}

/* Machines begin and are withdrawn; gives when that is to be looked at again. */
static int64_t turn_fleet(struct run *run)
{
	if (!run->fleet_asked)
		ask_for_list(run);
	if (!fleet_rollout(run->fleet) || run->trouble.kind)
		return INT64_MAX;
	fleet_turn(run->fleet, &run->providers.traffic, moment(run));
	look_after_fleet(run);
	if (fleet_has_halted(run->fleet))
		withdraw(run);
	return fleet_wake_ms(run->fleet);
}

static bool is_fleet_over(const struct run *run)
{
	return !run->fleet || run->trouble.kind || fleet_is_over(run->fleet);
}

/* False: an operator has said something, and it is not over maybe. */
static bool leave_fleet(struct run *run)
{
	return !run->fleet || run->trouble.kind || fleet_leave(run->fleet);
}

/* What it has just asked for is sent after this. */
static void urge(const struct run_traffic *t, struct member *m)
{
	bool urgent = rebuild_in_window(&m->rebuild) && !m->ended;

	if (t->urge && urgent != m->urgent)
		t->urge(t->self, m->rebuild.subject, urgent);
	m->urgent = urgent;
}

/* What came of a member's turn. */
static void note_turn(struct run *run, struct member *m)
{
	if (m->ledger.recorded && !m->is_noted && m->machine != FLEET_NO_MACHINE) {
		m->is_noted = true;
		fleet_recorded(run->fleet, m->machine, m->rebuild.id);
	}
	urge(&run->providers.traffic, m);
	if (!m->ended)
		return;
	members_end(&run->members, m, run->options.clock);
	if (m->machine == FLEET_NO_MACHINE)
		return;
	fleet_ended(run->fleet, m->machine, &m->rebuild, moment(run));
	run->machine_ended = true;
}

/*
 * A machine's locks come first. Nobody waits for them who is to end, nor if clients are waiting: an earlier
 * process had the locks then, and they are kept unless somebody broke them.
 */
static bool may_turn(struct run *run, struct member *m)
{
	if (m->machine == FLEET_NO_MACHINE || m->rebuild.interrupted || m->rebuild.resume_in_window)
		return true;
	switch (fleet_lets(run->fleet, m->machine, moment(run))) {
	case FLEET_GO:
		return true;
	case FLEET_WAIT:
		return false;
	case FLEET_DROP:
		break;
	}
	rebuild_ask(&m->rebuild, REQUEST_STOP);
	m->superseded = true;
	m->wake_ms = 0;
	return true;
}

static void turn_group(struct run *run, struct group *g)
{
	const struct member_world w = { &run->options, &run->providers };

	group_record(g, &w);
	for (size_t i = 0; i < g->count; i++) {
		member_act(&g->turns[i], &w, run->queries, &run->query_count);
		note_turn(run, g->turns[i].member);
	}
	g->count = 0;
}

/* A turn costs as much as there are rebuilds under way, however many have ended. */
static void turn_members(struct run *run, int64_t now_ms)
{
	const struct member_world w = { &run->options, &run->providers };
	struct group group = { .count = 0 };

	for (size_t i = 0; i < run->members.active_count; i++) {
		struct member *m = run->members.active[i];

		m->held = !may_turn(run, m);
		if (!m->held && m->wake_ms <= now_ms && group_add(&group, m, &w))
			turn_group(run, &group);
	}
	turn_group(run, &group);
}

/* Once in a while: operators are heard, and leases kept. */
static void tend_journal(struct run *run, int64_t now_ms)
{
	const struct member_world w = { &run->options, &run->providers };

	if (!run->options.journal || now_ms < run->heard_ms + LISTEN_MS)
		return;
	run->heard_ms = now_ms;
	hear_operators(run);
	group_renew(run->members.active, run->members.active_count, &w);
}

static void make_room(struct run *run)
{
	run->queries = alloc_room(run->queries, &run->query_room, run->members.active_count,
		REBUILD_QUERIES_MAX * sizeof(struct query));
}

static void turn(uv_timer_t *timer)
{
	struct run *run = timer->data;
	int64_t now_ms = clock_mono_ms(run->options.clock), next_ms = now_ms + LONGEST_PAUSE_MS;

	tend_journal(run, now_ms);
	if (run->fleet)
		next_ms = clock_earlier(next_ms, turn_fleet(run));
	make_room(run);
	if (run->providers.traffic.crowd)
		run->providers.traffic.crowd(run->providers.traffic.self, run->members.active_count);
	turn_members(run, now_ms);
	observe(run);
	members_leave(&run->members);
	now_ms = clock_mono_ms(run->options.clock);
	next_ms = clock_earlier(next_ms, members_wake_ms(&run->members, now_ms));
	if (!run->members.active_count && !run->machine_ended && is_fleet_over(run)) {
		next_ms = now_ms;
		if (leave_fleet(run)) {
			uv_stop(run->loop);
			return;
		}
	}
	if (run->machine_ended) /* another one may begin; in any case the fleet writes it down */
		next_ms = now_ms;
	run->machine_ended = false;
	uv_timer_start(&run->timer, turn, next_ms > now_ms ? (uint64_t)(next_ms - now_ms) : 0, 0);
}

static void turn_soon(struct run *run)
{
	uv_timer_start(&run->timer, turn, 0, 0);
}

static void turn_within(struct run *run, uint64_t pause_ms)
{
	if (!uv_is_active((uv_handle_t *)&run->timer) || uv_timer_get_due_in(&run->timer) > pause_ms)
		uv_timer_start(&run->timer, turn, pause_ms, 0);
}

static void wake(struct run *run, struct member *m)
{
	m->wake_ms = 0;
	turn_within(run, m->urgent ? 0 : (uint64_t)members_patience_ms(&run->members));
}

static void member_answered(struct run *run, struct member *m, const struct answer *a)
{
	member_absorb(m, a, moment(run));
	wake(run, m);
	members_answered(&run->members, m);
}

static void fleet_answered(struct run *run, const struct answer *a)
{
	if (a->subject != FLEET_PATROL)
		take_list(run, a);
	else if (!fleet_patrolled(run->fleet, a, moment(run), &run->trouble))
		fleet_stop(run->fleet);
	turn_soon(run);
}

static void answered(void *self, const struct answer *a)
{
	struct run *run = self;

	if (a->subject == FLEET_NO_MACHINE || a->subject == FLEET_PATROL)
		fleet_answered(run, a);
	else
		member_answered(run, run->members.all[a->subject], a);
}

struct run *run_new(uv_loop_t *loop, const struct run_options *o)
{
	struct run *run = alloc_zeroed(1, sizeof(*run));

	run->options = *o;
	run->members.keeps_all = o->preflight_only;
	run->loop = loop;
	uv_timer_init(loop, &run->timer);
	run->timer.data = run;
	return run;
}

struct sink run_sink(struct run *r)
{
	return (struct sink){ .self = r, .answered = answered };
}

static void fleet_changed(void *self)
{
	turn_soon(self);
}

void run_set_fleet(struct run *r, struct fleet *f)
{
	r->fleet = f;
	fleet_on_change(f, fleet_changed, r);
}

bool run_trouble(const struct run *r, struct error *err)
{
	if (r->trouble.kind)
		error_copy(err, &r->trouble);
	return !r->trouble.kind;
}

void run_set_providers(struct run *r, struct run_providers p)
{
	r->providers = p;
}

static struct member *add_member(struct run *run, const char *id, const char *blue_id)
{
	struct member *m = members_add(&run->members);

	rebuild_init(&m->rebuild, id, run->options.plan, blue_id);
	m->rebuild.subject = (uint32_t)run->members.count - 1;
	m->begun_ms = clock_mono_ms(run->options.clock);
	m->machine = run->fleet ? fleet_added(run->fleet, blue_id) : FLEET_NO_MACHINE;
	members_supersede(&run->members, m->machine);
	m->rebuild.options = (struct rebuild_options){ .journal = run->options.claim,
		.preflight_only = run->options.preflight_only,
		.only_unfinished = run->options.only_unfinished,
		.pace_percent = run->options.pace_percent };
	ledger_init(&m->ledger, run->options.journal, run->options.clock);
	m->ledger.tell = run->options.tell;
	m->ledger.tell_self = run->options.tell_self;
	return m;
}

static struct member *add_new(struct run *run, const char *blue_id)
{
	char id[CLOUD_NAME_SIZE];

	id_random(id, sizeof(id), "rb-", run->options.entropy);
	return add_member(run, id, blue_id);
}

void run_add(struct run *run, const char *blue_id)
{
	add_new(run, blue_id);
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

/* What we do not hold the lease of is nothing to us. */
static bool drop_last(struct run *run, uint32_t machine)
{
	members_drop_last(&run->members);
	if (machine != FLEET_NO_MACHINE)
		fleet_dropped(run->fleet, machine);
	return false;
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
		return drop_last(run, m->machine);
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
	rebuild_ask(&add_new(run, blue_id)->rebuild, REQUEST_ROLLBACK);
}

void run_until_over(struct run *run)
{
	turn_soon(run);
	uv_run(run->loop, UV_RUN_DEFAULT);
}

void run_interrupt(struct run *run)
{
	for (size_t i = 0; i < run->members.active_count; i++) {
		rebuild_ask(&run->members.active[i]->rebuild, REQUEST_STOP);
		wake(run, run->members.active[i]);
	}
	if (run->fleet)
		fleet_stop(run->fleet);
	turn_soon(run);
}

size_t run_count(const struct run *run)
{
	return run->members.count;
}

const struct ending *run_ending(const struct run *run, size_t i)
{
	return &run->members.endings[i];
}

const struct rebuild *run_rebuild(const struct run *run, size_t i)
{
	return &run->members.all[i]->rebuild;
}

static void closed(uv_handle_t *timer)
{
	struct run *run = timer->data;

	members_release(&run->members);
	error_release(&run->trouble);
	free(run->queries);
	free(run);
}

void run_free(struct run *run)
{
	uv_timer_stop(&run->timer);
	uv_close((uv_handle_t *)&run->timer, closed);
	uv_run(run->loop, UV_RUN_NOWAIT);
}
