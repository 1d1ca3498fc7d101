#include "fake_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "rebuild/guards.h"

enum { SNAPSHOT_MS = 8000, CALL_MS = 40, SLOW_MS = 4000, ATTACH_MS = 2000, DAY_MS = 24 * 3600 * 1000 };

void fake_init(struct fake_cloud *f, struct rebuild *r)
{
	*f = (struct fake_cloud){ .rebuild = r, .now_ms = 1000, .holder = ON_BLUE, .address = ON_BLUE };
	f->blue = (struct fake_machine){
		.state = INSTANCE_RUNNING, .mounted = true, .serving = true, .volume_dies = true
	};
	f->blue_image = "ami-old";
	f->green_image = "ami-new";
	f->fault.kind = EFFECT_KIND_COUNT;
	f->silence.kind = f->slow = QUERY_KIND_COUNT;
	f->console = "ecdsa-sha2-nistp256 AAAAE2\nssh-ed25519 AAAAC3\nssh-rsa AAAAB3NzaC1yc2EAAA\n";
	f->print = (struct blueprint){ .instance_id = FAKE_BLUE, .architecture = "x86_64" };
	f->tagged_volumes = 1;
	f->data = (struct plan_data){ .volume.id = FAKE_VOLUME, .mount = "/srv" };
	f->check = (struct plan_check){ .kind = PLAN_CHECK_TCP, .port = 5432 };
	f->plan = (struct plan){ .name = "test",
		.image.id = "ami-new",
		.data = &f->data,
		.data_count = 1,
		.service = { "stop", "start" },
		.ready = &f->check,
		.ready_count = 1,
		.backup = { .keep = 3, .wait_completed = true },
		.change.elastic_ip_all = true };
	rebuild_init(r, "rb-test", &f->plan, FAKE_BLUE);
	r->options.journal = "jr-1 anna@one";
}

struct fake_machine *fake_machine(struct fake_cloud *f, const char *id)
{
	return strcmp(id, FAKE_BLUE) ? &f->green : &f->blue;
}

const char *fake_holder_id(enum fake_holder h)
{
	static const char *const IDS[] = { "", FAKE_BLUE, FAKE_GREEN, FAKE_OTHER };

	return IDS[h];
}

/* What time alone brings about. */
static void settle(struct fake_cloud *f)
{
	if (f->green.state == INSTANCE_PENDING && f->now_ms >= f->green.runs_at_ms)
		f->green.state = INSTANCE_RUNNING;
	if (f->volume_free_at_ms && f->now_ms >= f->volume_free_at_ms && !f->blue.mounted &&
		!f->green.mounted) {
		f->holder = ON_NOTHING;
		f->volume_free_at_ms = 0;
	}
	for (size_t i = 0; i < f->snapshot_count; i++)
		if (f->snapshots[i].state == SNAPSHOT_PENDING &&
			f->now_ms >= f->snapshots[i].started_ms + SNAPSHOT_MS)
			f->snapshots[i].state = SNAPSHOT_COMPLETED;
	if (f->volume_attached_at_ms && f->now_ms >= f->volume_attached_at_ms)
		f->volume_attached_at_ms = 0;
}

static void rules_hold(const struct fake_cloud *f)
{
	assert_false(f->blue.mounted && f->green.mounted);
	assert_false(f->blue.mounted && f->holder != ON_BLUE);
	assert_false(f->green.mounted && f->holder != ON_GREEN);
	assert_false(f->blue.serving && !f->blue.mounted);
	if (f->blue.state > INSTANCE_RUNNING && !f->by_hand)
		assert_true(fake_green_serves(f));
}

static void deliver(struct fake_cloud *f, struct answer *a)
{
	rebuild_absorb(f->rebuild, a, (struct moment){ f->now_ms, f->now_ms });
}

static void answer_effect(struct fake_cloud *f, const struct fake_pending *p)
{
	struct fake_fault *fault = &f->fault;
	bool fails = fault->kind == p->effect.kind && fault->times > 0 && !p->effect.dry_run;
	auto_error err = ERROR_INIT;
	struct sighting shown;
	struct answer a = { .is_effect = true,
		.effect = p->effect.kind,
		.token = p->effect.token,
		.err = &err,
		.sightings = &shown,
		.request_id = "" };

	assert_string_equal(rebuild_step_of(f->rebuild, p->effect.token), p->effect.step);
	if (!p->effect.dry_run && (!fails || (fault->happened == HAPPENED_UNKNOWN && !f->lost_means_undone)))
		fake_happen(f, p);
	if (fails) {
		fault->times--;
		error_set(&err, fault->error, "made to fail");
		err.happened = fault->happened;
		if (err.kind == ERROR_DENIED)
			error_hint(&err, FAKE_HINT);
		if (!effect_is_guest(p->effect.kind))
			err.request_id = strdup(f->failures ? "request-later" : FAKE_REQUEST);
		f->failures++;
	} else if (!p->effect.dry_run) {
		a.sighting_count = fake_reply(f, p, &shown);
	}
	deliver(f, &a);
}

static void answer_query(struct fake_cloud *f, const struct fake_pending *p)
{
	struct sighting shown[FAKE_SIGHTINGS_MAX];
	auto_error err = ERROR_INIT;
	struct answer a = {
		.query = p->query.kind, .id = p->query.id, .err = &err, .sightings = shown, .request_id = ""
	};

	if (f->silence.kind == p->query.kind && f->silence.times > 0) {
		f->silence.times--;
		error_set(&err, f->silence.error, "not told");
	} else {
		a.sighting_count = fake_see(f, p, shown);
	}
	if (p->query.kind == QUERY_GUEST && !err.kind && !shown[0].guest.reachable)
		error_set(&err, ERROR_TIMEOUT, "no answer");
	if (p->query.kind == QUERY_BLUEPRINT && !err.kind && !a.sighting_count)
		error_set(&err, ERROR_MISSING, "no such instance");
	deliver(f, &a);
}

static struct fake_pending *add(struct fake_cloud *f)
{
	struct fake_pending *p = &f->pending[f->pending_count++];

	assert_true(f->pending_count <= FAKE_PENDING_MAX);
	*p = (struct fake_pending){ .asked_ms = f->now_ms, .due_ms = f->now_ms + CALL_MS };
	return p;
}

static void begin(struct fake_cloud *f, const struct decision *d)
{
	struct moment now = { f->now_ms, f->now_ms };
	const char *reason;

	for (size_t i = 0; i < d->effect_count; i++) {
		const struct guard *g = guards_refuse(f->rebuild, &d->effects[i], now, &reason);
		struct fake_pending *p;

		if (g && f->guards_may_refuse) {
			rebuild_refused(f->rebuild, &d->effects[i], reason);
			return;
		}
		if (g)
			fail_msg("guard %s refuses %s: %s", g->name, d->effects[i].token, reason);
		rebuild_begun(f->rebuild, &d->effects[i], now);
		p = add(f);
		p->is_effect = true;
		p->effect = d->effects[i];
		if (p->effect.guest)
			p->order = *p->effect.guest;
		if (p->effect.kind == EFFECT_MOUNT)
			p->due_ms += f->volume_attached_at_ms ? ATTACH_MS : 0;
	}
	for (size_t i = 0; i < d->query_count; i++) {
		struct fake_pending *p = add(f);

		p->query = d->queries[i];
		f->asked[p->query.kind]++;
		p->due_ms += p->query.kind == f->slow ? SLOW_MS : 0;
	}
	f->observed += d->query_count > 0;
}

static bool next_answer(struct fake_cloud *f, int64_t until_ms)
{
	size_t first = 0;
	struct fake_pending p;

	for (size_t i = 1; i < f->pending_count; i++)
		if (f->pending[i].due_ms < f->pending[first].due_ms)
			first = i;
	if (!f->pending_count || f->pending[first].due_ms > until_ms)
		return false;
	p = f->pending[first];
	memmove(&f->pending[first], &f->pending[first + 1], (--f->pending_count - first) * sizeof(p));
	f->now_ms = p.due_ms;
	settle(f);
	if (p.is_effect)
		answer_effect(f, &p);
	else
		answer_query(f, &p);
	return true;
}

static void hear(struct fake_cloud *f, const struct decision *d)
{
	for (size_t i = 0; i < d->news_count; i++)
		f->waits += d->news[i].kind == NEWS_WAITING;
}

/* What is under way is neither begun nor asked for once more. */
static void nothing_is_decided_twice(struct fake_cloud *f)
{
	struct decision again;

	rebuild_decide(f->rebuild, (struct moment){ f->now_ms, f->now_ms }, &again);
	hear(f, &again);
	if (again.effect_count)
		fail_msg("%s is begun twice", again.effects[0].token);
	if (again.query_count)
		fail_msg("question %d about %s is asked twice", again.queries[0].kind, again.queries[0].id);
}

bool fake_run_until(struct fake_cloud *f, size_t events)
{
	struct decision d;

	for (; f->events < events && !rebuild_is_over(f->rebuild) && f->now_ms < DAY_MS; f->events++) {
		rebuild_decide(f->rebuild, (struct moment){ f->now_ms, f->now_ms }, &d);
		hear(f, &d);
		begin(f, &d);
		nothing_is_decided_twice(f);
		if (!next_answer(f, d.wake_ms)) {
			f->now_ms = d.wake_ms > f->now_ms ? d.wake_ms : f->now_ms + 1;
			settle(f);
		}
		rules_hold(f);
	}
	return rebuild_is_over(f->rebuild);
}

void fake_run(struct fake_cloud *f)
{
	assert_true(fake_run_until(f, (size_t)-1));
}

void fake_run_until_effect(struct fake_cloud *f, enum effect_kind kind)
{
	size_t before = fake_count(f, kind);

	while (fake_count(f, kind) == before)
		assert_false(fake_run_until(f, f->events + 1));
}

void fake_end_blue_by_hand(struct fake_cloud *f, enum instance_state state)
{
	f->by_hand = true;
	f->blue.state = state;
	f->blue.mounted = f->blue.serving = false;
	if (state == INSTANCE_TERMINATED && f->holder == ON_BLUE)
		f->holder = ON_NOTHING;
}

static void lose_what_is_under_way(struct fake_cloud *f, bool happens)
{
	for (size_t i = 0; i < f->pending_count; i++)
		if (f->pending[i].is_effect && !f->pending[i].effect.dry_run && happens)
			fake_happen(f, &f->pending[i]);
	f->pending_count = 0;
}

void fake_crash_without_journal(struct fake_cloud *f, struct rebuild *next, bool under_way_happens)
{
	lose_what_is_under_way(f, under_way_happens);
	f->rebuild = next;
	rebuild_init(next, "rb-other", &f->plan, FAKE_BLUE);
	next->options.journal = "jr-2 ben@two";
}

/* When the last call was begun that nobody will see the answer of; 0: none. */
static int64_t call_begun_ms(const struct fake_cloud *f)
{
	int64_t begun_ms = 0;

	for (size_t i = 0; i < f->pending_count; i++)
		if (f->pending[i].is_effect && effect_changes_something(&f->pending[i].effect) &&
			!effect_is_guest(f->pending[i].effect.kind))
			begun_ms = f->pending[i].asked_ms;
	return begun_ms;
}

bool fake_crash(struct fake_cloud *f, struct rebuild *next, bool under_way_happens)
{
	const struct rebuild *old = f->rebuild;
	const struct rebuild_past past = { .volumes = { FAKE_VOLUME },
		.volume_count = 1,
		.turned_back = old->course == COURSE_BACK,
		.cause = old->cause,
		.window_opened = old->window_opened_ms != 0,
		.finished = old->course == COURSE_DONE,
		.confirmed_wall_ms = old->confirmed_wall_ms,
		.unanswered_wall_ms = call_begun_ms(f) };

	lose_what_is_under_way(f, under_way_happens);
	f->rebuild = next;
	rebuild_init(next, old->id, &f->plan, FAKE_BLUE);
	next->options = old->options;
	if (old->changed_something)
		rebuild_resume(next, &past);
	return old->changed_something;
}

size_t fake_count(const struct fake_cloud *f, enum effect_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < f->log_count; i++)
		count += f->log[i] == kind;
	return count;
}

size_t fake_position(const struct fake_cloud *f, enum effect_kind kind)
{
	for (size_t i = 0; i < f->log_count; i++)
		if (f->log[i] == kind)
			return i;
	return FAKE_LOG_MAX;
}

/* A plan need not name an address: then clients find the machine in a way that is not tried here. */
static bool is_reached(const struct fake_cloud *f, enum fake_holder machine)
{
	return f->address == machine || !(f->plan.change.elastic_ip_all || f->plan.change.elastic_ip_count);
}

bool fake_blue_serves(const struct fake_cloud *f)
{
	return f->blue.state == INSTANCE_RUNNING && f->blue.mounted && f->blue.serving &&
	       f->holder == ON_BLUE && is_reached(f, ON_BLUE);
}

bool fake_green_serves(const struct fake_cloud *f)
{
	return f->green.state == INSTANCE_RUNNING && f->green.mounted && f->green.serving &&
	       f->holder == ON_GREEN && is_reached(f, ON_GREEN);
}
