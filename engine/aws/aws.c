#include "aws/aws.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/bundles.h"
#include "aws/consoles.h"
#include "aws/doing.h"
#include "aws/gather.h"
#include "aws/jobs.h"
#include "aws/lookup.h"
#include "aws/parameters.h"
#include "aws/roster.h"
#include "aws/survey.h"
#include "base/alloc.h"

struct aws {
	struct settings settings;
	struct credentials credentials;
	struct endpoint endpoint;
	struct consoles consoles;
	struct survey_lessons lessons;
	struct jobs jobs;
	struct urgency urgency;
	struct gather *gather;
	struct bundles *bundles;
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
	struct query *group = alloc_zeroed(count, sizeof(*group));
	bool *taken = alloc_zeroed(count, sizeof(*taken));
	size_t size;

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

static void act(void *self, const struct effect *e)
{
	struct aws *a = self;

	if (!bundles_take(a->bundles, e))
		doing_begin(&a->jobs, e, clock_mono_ms(a->jobs.clock));
}

static bool open_parts(struct aws *a, uv_loop_t *loop, const struct aws_options *o, struct error *err)
{
	int pace_percent = o->pace_percent ? o->pace_percent : 100;

	if (!settings_load(o->environment, o->profile, &a->settings, err))
		return false;
	if (!endpoint_find(&a->settings, o->region, &a->endpoint, err) ||
		!credentials_find(&a->settings, &a->credentials, err))
		return false;
	a->gather = gather_new(&(struct gather_options){
		.loop = loop,
		.clock = o->clock,
		.urgency = &a->urgency,
		.pace_percent = pace_percent,
		.ask = ask_together,
		.ctx = a,
	});
	a->bundles = bundles_new(loop, &a->jobs, pace_percent);
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
	struct aws *a = alloc_zeroed(1, sizeof(*a));

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
	bundles_crowd(a->bundles, rebuilds);
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
	bundles_free(a->bundles);
	jobs_drop(&a->jobs);
	consoles_release(&a->consoles);
	urgency_release(&a->urgency);
	credentials_release(&a->credentials);
	settings_release(&a->settings);
	free(a);
}
