/*
 * bench.h: the provider on a loop of its own, with a scripted EC2 (fake_ec2.h) on the same loop, a clock
 * that can be wrong and no jitter. Answers are kept; include it after cmocka.h.
 */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <string.h>

#include "aws/aws.h"
#include "base/text.h"
#include "fake_ec2.h"

/* EC2's error document. */
#define ERROR_REPLY(code, message)                                                                           \
	"<Response><Errors><Error><Code>" code "</Code><Message>" message "</Message></Error></Errors>"      \
	"<RequestID>req-9</RequestID></Response>"

enum { ANSWERS_MAX = 32, LIMIT_MS = 20000, PACE = 10 };

/* An answer, kept beyond the sink's call. */
struct kept {
	uint32_t subject;
	bool is_effect;
	enum query_kind query;
	char id[CLOUD_TOKEN_SIZE], request_id[64];
	size_t sighting_count;
	struct sighting first, second;
	char fleet[256]; /* "id zone group order; " of each machine listed, with a ! if its checks fail */
	struct error err;
};

struct bench {
	uv_loop_t loop;
	uv_timer_t limit;
	struct fake fake;
	char url[96];
	char *environment[8];
	int64_t wall_offset_ms;
	struct clock clock;
	struct aws *aws;
	struct provider provider;
	struct kept answers[ANSWERS_MAX];
	size_t answer_count, wanted;
	bool asking; /* inside observe() or act() */
};

static inline void keep_fleet(struct kept *k)
{
	for (size_t i = 0; i < k->first.fleet.count; i++) {
		const struct listed *m = &k->first.fleet.machines[i];

		text_append(k->fleet, sizeof(k->fleet), "%s%s %s %s %s; ", m->id, m->is_impaired ? "!" : "",
			m->zone, m->group, m->order);
	}
}

static inline void answered(void *self, const struct answer *a)
{
	struct bench *b = self;
	struct kept *k = &b->answers[b->answer_count++];

	assert_false(b->asking);
	assert_true(b->answer_count <= ANSWERS_MAX);
	*k = (struct kept){
		.subject = a->subject,
		.is_effect = a->is_effect,
		.query = a->query,
		.sighting_count = a->sighting_count,
	};
	text_copy(k->id, sizeof(k->id), a->is_effect ? a->token : a->id);
	text_copy(k->request_id, sizeof(k->request_id), a->request_id);
	if (a->sighting_count)
		k->first = a->sightings[0];
	if (a->sighting_count && k->first.kind == SIGHTING_FLEET)
		keep_fleet(k);
	if (a->sighting_count > 1)
		k->second = a->sightings[1];
	error_copy(&k->err, a->err);
	if (b->answer_count == b->wanted)
		uv_stop(&b->loop);
}

static inline int64_t bench_mono(void *self)
{
	(void)self;
	return clock_mono_ms(&clock_system);
}

static inline int64_t bench_wall(void *self)
{
	const struct bench *b = self;

	return clock_wall_ms(&clock_system) + b->wall_offset_ms;
}

/* No jitter: back-off takes no time. */
static inline void no_entropy(void *self, void *bytes, size_t len)
{
	(void)self;
	memset(bytes, 0, len);
}

static const struct entropy STILL = { .fill = no_entropy };

static inline void bench_open_at(struct bench *b, const char *url)
{
	auto_error err = ERROR_INIT;
	struct aws_options o = {
		.environment = b->environment, .clock = &b->clock, .entropy = &STILL, .pace_percent = PACE
	};

	b->clock = (struct clock){ .mono_ms = bench_mono, .wall_ms = bench_wall, .self = b };
	snprintf(b->url, sizeof(b->url), "AWS_ENDPOINT_URL=%s", url);
	b->environment[0] = "AWS_ACCESS_KEY_ID=AKIDEXAMPLE";
	b->environment[1] = "AWS_SECRET_ACCESS_KEY=secret";
	b->environment[2] = "AWS_SESSION_TOKEN=token";
	b->environment[3] = "AWS_REGION=eu-west-1";
	b->environment[4] = "HOME=/nonexistent";
	b->environment[5] = b->url;
	if (!aws_open(&b->loop, &o, (struct sink){ b, answered }, &b->aws, &err))
		fail_msg("%s", err.message);
	b->provider = aws_provider(b->aws);
}

static inline void bench_open(struct bench *b, struct fake_line *script, size_t script_len)
{
	*b = (struct bench){ .answer_count = 0 };
	uv_loop_init(&b->loop);
	uv_timer_init(&b->loop, &b->limit);
	fake_open(&b->fake, &b->loop, script, script_len);
	bench_open_at(b, b->fake.url);
}

/* What is still open: the limit's timer, the listener, and connections that nobody closed. */
static inline void close_handle(uv_handle_t *h, void *arg)
{
	const struct bench *b = arg;

	if (h->type == UV_TCP && h != (const uv_handle_t *)&b->fake.listener)
		fake_peer_close(h->data);
	else if (!uv_is_closing(h))
		uv_close(h, NULL);
}

static inline void bench_close(struct bench *b)
{
	aws_close(b->aws);
	uv_run(&b->loop, UV_RUN_NOWAIT);
	uv_walk(&b->loop, close_handle, b);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&b->loop), 0);
	fake_release(&b->fake);
	for (size_t i = 0; i < b->answer_count; i++)
		error_release(&b->answers[i].err);
}

static inline void on_limit(uv_timer_t *t)
{
	(void)t;
	fail_msg("no answer in time");
}

static inline void bench_wait(struct bench *b, size_t answers)
{
	b->wanted = b->answer_count + answers;
	uv_timer_start(&b->limit, on_limit, LIMIT_MS, 0);
	uv_run(&b->loop, UV_RUN_DEFAULT);
	uv_timer_stop(&b->limit);
}

static inline void bench_observe(struct bench *b, const struct query *queries, size_t count)
{
	b->asking = true;
	b->provider.observe(b->provider.self, queries, count);
	b->asking = false;
	bench_wait(b, count);
}

static inline const struct kept *bench_act(struct bench *b, const struct effect *e)
{
	b->asking = true;
	b->provider.act(b->provider.self, e);
	b->asking = false;
	bench_wait(b, 1);
	return &b->answers[b->answer_count - 1];
}
#define TAG(key, value) "<item><key>" key "</key><value>" value "</value></item>"

#define VOLUMES(items) "<DescribeVolumesResponse><requestId>r</requestId><volumeSet>" items "</volumeSet>"

static inline struct query query_of(enum query_kind kind, uint32_t subject, const char *id)
{
	struct query q = { .kind = kind, .subject = subject };

	text_copy(q.id, sizeof(q.id), id);
	return q;
}
#endif
