#include "aws/aws.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/consoles.h"
#include "aws/deeds.h"
#include "aws/gather.h"
#include "aws/jobs.h"
#include "aws/lookup.h"
#include "aws/parameters.h"
#include "aws/roster.h"
#include "aws/survey.h"

struct aws {
	struct settings settings;
	struct credentials credentials;
	struct endpoint endpoint;
	struct consoles consoles;
	struct survey_lessons lessons;
	struct jobs jobs;
	struct urgency urgency;
	struct gather *gather;
};

static bool is_same_tag(const struct tag *a, const struct tag *b)
{
	if (!a->key || !b->key)
		return a->key == b->key;
	return !strcmp(a->key, b->key) && !strcmp(a->value, b->value);
}

/* Queries of one kind and tag can share a request. */
static bool belong_together(const struct query *a, const struct query *b)
{
	return a->kind == b->kind && is_same_tag(&a->tag, &b->tag);
}

static size_t group_max(enum query_kind kind)
{
	const struct lookup_row *row = lookup_row_find(kind);

	if (row)
		return row->ids_max;
	return kind == QUERY_BLUEPRINT ? SURVEY_MAX : 1;
}

static void ask(struct aws *a, const struct query *group, size_t count)
{
	const struct lookup_row *row = lookup_row_find(group[0].kind);

	if (row)
		lookup_begin(&a->jobs, row, group, count);
	else if (group[0].kind == QUERY_BLUEPRINT)
		survey_begin(&a->jobs, &a->lessons, group, count);
	else if (group[0].kind == QUERY_HOST_KEYS)
		consoles_read(&a->consoles, &a->jobs, group);
	else if (group[0].kind == QUERY_FLEET)
		roster_begin(&a->jobs, group);
	else
		assert(!"a guest's query was sent to the cloud");
}

/* Takes the next group out of the queries: those that can share a request with the first not taken. */
static size_t take_group(const struct query *queries, size_t count, bool *taken, struct query *ret)
{
	size_t size = 0, max = 0;

	for (size_t i = 0; i < count; i++) {
		if (taken[i] || (size && (size == max || !belong_together(&ret[0], &queries[i]))))
			continue;
		if (!size)
			max = group_max(queries[i].kind);
		taken[i] = true;
		ret[size++] = queries[i];
	}
	return size;
}

/* Whatever of it can share a request does. */
static void ask_together(void *self, const struct query *queries, size_t count)
{
	struct query *group = calloc(count + 1, sizeof(*group));
	bool *taken = calloc(count + 1, sizeof(*taken));
	size_t size;

	if (!group || !taken)
		abort();
	while ((size = take_group(queries, count, taken, group)))
		ask(self, group, size);
	free(taken);
	free(group);
}

static void observe(void *self, const struct query *queries, size_t count)
{
	struct aws *a = self;

	for (size_t i = 0; i < count; i++)
		if (group_max(queries[i].kind) > 1)
			gather_hold(a->gather, &queries[i]);
		else
			ask(a, &queries[i], 1); /* it would wait for nobody */
	gather_ask_due(a->gather);
}

/* An effect on its way. */
struct doing {
	struct job job;
	const struct deed *deed;
	struct effect effect;
};

static void drop(struct job *job)
{
	free(job);
}

static void answer_done(const struct doing *d, const struct call_reply *reply)
{
	struct sighting s;
	struct outcome o = { .sightings = &s, .request_id = reply->request_id };

	if (reply->root && d->deed->read) {
		d->deed->read(&d->effect, reply->root, reply->asked_ms, &s);
		o.count = 1;
	}
	job_answer_effect(&d->job, &d->effect, &o);
}

static void answer_failed(const struct doing *d, const struct error *err)
{
	auto_error named = ERROR_INIT;
	char words[256];

	error_copy(&named, err);
	error_wrap(&named, "could not %s", effect_describe(&d->effect, words, sizeof(words)));
	job_answer_effect(&d->job, &d->effect, &(struct outcome){ .err = &named });
}

static void on_reply(void *ctx, const struct call_reply *reply, const struct error *err)
{
	struct doing *d = ctx;

	if (reply)
		answer_done(d, reply);
	else if (!d->effect.dry_run && deed_was_done(d->deed, err))
		job_answer_effect(&d->job, &d->effect, &(struct outcome){ .request_id = err->request_id });
	else
		answer_failed(d, err);
	job_end(&d->job);
}

static void act(void *self, const struct effect *e)
{
	struct aws *a = self;
	const struct deed *deed = deed_find(e->kind);
	struct doing *d;
	auto_text form = { .bytes = NULL };

	assert(deed); /* run sends guests' effects elsewhere */
	d = job_begin(&a->jobs, sizeof(*d), drop);
	d->deed = deed;
	d->effect = *e;
	parameters_begin(&form, action_get(deed->action));
	deed->write(e, &form);
	calls_send(a->jobs.calls, &(struct call_order){
					  .action = deed->action,
					  .form = &form,
					  .dry_run = e->dry_run,
					  .subject = e->subject,
					  .done = on_reply,
					  .ctx = d,
				  });
}

static bool open_parts(struct aws *a, uv_loop_t *loop, const struct aws_options *o, struct error *err)
{
	if (!settings_load(o->environment, o->profile, &a->settings, err))
		return false;
	if (!endpoint_find(&a->settings, o->region, &a->endpoint, err) ||
		!credentials_find(&a->settings, &a->credentials, err))
		return false;
	a->gather = gather_new(&(struct gather_options){
		.loop = loop,
		.clock = o->clock,
		.urgency = &a->urgency,
		.pace_percent = o->pace_percent ? o->pace_percent : 100,
		.ask = ask_together,
		.ctx = a,
	});
	return calls_open(
		&(struct calls_options){
			.loop = loop,
			.clock = o->clock,
			.entropy = o->entropy,
			.endpoint = &a->endpoint,
			.credentials = &a->credentials,
			.urgency = &a->urgency,
		},
		&a->jobs.calls, err);
}

bool aws_open(
	uv_loop_t *loop, const struct aws_options *o, struct sink sink, struct aws **ret, struct error *err)
{
	struct aws *a = calloc(1, sizeof(*a));

	if (!a)
		abort();
	a->jobs = (struct jobs){ .sink = sink, .clock = o->clock, .urgency = &a->urgency };
	if (!open_parts(a, loop, o, err)) {
		aws_close(a);
		return false;
	}
	*ret = a;
	return true;
}

struct provider aws_provider(struct aws *a)
{
	return (struct provider){ .self = a, .observe = observe, .act = act };
}

void aws_urge(void *self, uint32_t subject, bool urgent)
{
	struct aws *a = self;

	urgency_set(&a->urgency, subject, urgent);
}

void aws_crowd(void *self, size_t rebuilds)
{
	struct aws *a = self;

	gather_crowd(a->gather, rebuilds);
}

int64_t aws_admit(void *self)
{
	struct aws *a = self;

	return calls_admit(a->jobs.calls);
}

void aws_split(void *self, unsigned parts)
{
	struct aws *a = self;

	calls_split(a->jobs.calls, parts);
}

struct aws_counts aws_counts(const struct aws *a)
{
	return calls_counts(a->jobs.calls);
}

const char *aws_region(const struct aws *a)
{
	return a->endpoint.region;
}

void aws_close(struct aws *a)
{
	if (!a)
		return;
	if (a->jobs.calls)
		calls_close(a->jobs.calls);
	gather_free(a->gather);
	jobs_drop(&a->jobs);
	consoles_release(&a->consoles);
	urgency_release(&a->urgency);
	credentials_release(&a->credentials);
	settings_release(&a->settings);
	free(a);
}
