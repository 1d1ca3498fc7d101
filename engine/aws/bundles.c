#include "aws/bundles.h"

#include <stdlib.h>

#include "aws/doing.h"
#include "aws/parameters.h"
#include "base/alloc.h"

/* What can be done for many at once, and how. */
static const struct {
	enum effect_kind kind;
	enum action_id action;
} ROWS[] = {
	{ EFFECT_STOP_INSTANCE, ACTION_STOP_INSTANCES },
	{ EFFECT_TERMINATE_INSTANCE, ACTION_TERMINATE_INSTANCES },
};

struct bundle {
	struct job job;
	enum action_id action;
	struct effect effects[BUNDLES_MAX];
	size_t count;
	int64_t decided_ms; /* on the first of them */
};

struct bundles {
	struct jobs *jobs;
	uv_timer_t timer;
	int pace_percent;
	size_t rebuilds;
	struct bundle *open[ARRAY_SIZE(ROWS)]; /* waiting for more; NULL: none */
};

static void drop(struct job *job)
{
	free(job);
}

/* Whether something is wrong with one of them, and nothing with the call as such. */
static bool may_be_one_of_them(const struct bundle *b, const struct error *err)
{
	return b->count > 1 && err->happened == HAPPENED_NO &&
	       (err->kind == ERROR_CONFLICT || err->kind == ERROR_MISSING || err->kind == ERROR_DENIED);
}

static void on_reply(void *ctx, const struct call_reply *reply, const struct error *err)
{
	struct bundle *b = ctx;

	for (size_t i = 0; i < b->count; i++) {
		const struct effect *e = &b->effects[i];

		if (reply)
			job_answer_effect(&b->job, e, &(struct outcome){ .request_id = reply->request_id });
		else if (may_be_one_of_them(b, err))
			doing_begin(b->job.jobs, e, b->decided_ms);
		else
			doing_fail(&b->job, e, err);
	}
	job_end(&b->job);
}

static void send_bundle(struct bundle *b)
{
	auto_text form;

	parameters_begin(&form, action_get(b->action));
	for (size_t i = 0; i < b->count; i++)
		parameters_add(&form, b->effects[i].instance_id, "InstanceId.%zu", i + 1);
	calls_send(b->job.jobs->calls, &(struct call_order){
					       .action = b->action,
					       .form = &form,
					       .subject = b->effects[0].subject, /* who began first */
					       .decided_ms = b->decided_ms,
					       .done = on_reply,
					       .ctx = b,
				       });
}

static void on_timer(uv_timer_t *timer);

/* Sends those whose time has come, and waits for the next one. */
static void send_due(struct bundles *all)
{
	int64_t now = clock_mono_ms(all->jobs->clock), first = INT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		struct bundle *b = all->open[i];
		int64_t due_ms = b ? b->decided_ms + (int64_t)BUNDLES_WAIT_MS * all->pace_percent / 100 : 0;

		if (b && (due_ms <= now || b->count == BUNDLES_MAX)) {
			all->open[i] = NULL;
			send_bundle(b);
		} else if (b && due_ms < first) {
			first = due_ms;
		}
	}
	if (first < INT64_MAX)
		uv_timer_start(&all->timer, on_timer, (uint64_t)(first - now), 0);
}

static void on_timer(uv_timer_t *timer)
{
	send_due(timer->data);
}

static struct bundle *open_bundle(struct bundles *all, size_t row)
{
	struct bundle *b = job_begin(all->jobs, sizeof(*b), drop);

	b->action = ROWS[row].action;
	b->decided_ms = b->job.started_ms;
	all->open[row] = b;
	return b;
}

static bool wants_bundle(const struct bundles *all, const struct effect *e, size_t *ret_row)
{
	if (all->rebuilds < BUNDLES_CROWD || e->dry_run || urgency_of(all->jobs->urgency, e->subject))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ROWS); i++) {
		*ret_row = i;
		if (ROWS[i].kind == e->kind)
			return true;
	}
	return false;
}

bool bundles_take(struct bundles *all, const struct effect *e)
{
	struct bundle *b;
	size_t row;

	if (!wants_bundle(all, e, &row))
		return false;
	b = all->open[row] ? all->open[row] : open_bundle(all, row);
	b->effects[b->count++] = *e;
	send_due(all);
	return true;
}

void bundles_crowd(struct bundles *b, size_t rebuilds)
{
	b->rebuilds = rebuilds;
}

struct bundles *bundles_new(uv_loop_t *loop, struct jobs *jobs, int pace_percent)
{
	struct bundles *b = alloc_zeroed(1, sizeof(*b));

	b->jobs = jobs;
	b->pace_percent = pace_percent;
	uv_timer_init(loop, &b->timer);
	b->timer.data = b;
	return b;
}

static void on_closed(uv_handle_t *timer)
{
	free(timer->data);
}

void bundles_free(struct bundles *b)
{
	if (!b)
		return;
	uv_timer_stop(&b->timer);
	uv_close((uv_handle_t *)&b->timer, on_closed);
}
