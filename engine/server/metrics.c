#include "server/metrics.h"

#include <inttypes.h>

static const char *const PROTOCOLS[METRICS_PROTOCOL_COUNT] = {
	[METRICS_FDLM] = "fdlm",
	[METRICS_FLEETLOCK] = "fleetlock",
	[METRICS_ADMINISTRATION] = "administration",
	[METRICS_OTHER] = "other",
};

static const char *const ANSWERS[METRICS_ANSWER_COUNT] = {
	[METRICS_GRANTED] = "granted",
	[METRICS_HELD] = "held",
	[METRICS_REJECTED] = "rejected",
	[METRICS_FAILED] = "failed",
};

static enum metrics_answer answer_of(int status)
{
	if (status < 400)
		return METRICS_GRANTED;
	if (status == 412 || status == 423)
		return METRICS_HELD;
	return status < 500 ? METRICS_REJECTED : METRICS_FAILED;
}

void metrics_count(struct metrics *m, enum metrics_protocol p, int status)
{
	m->requests[p][answer_of(status)]++;
}

static void head(struct text *ret, const char *name, const char *type, const char *help)
{
	text_addf(ret, "# HELP %s %s.\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct text *ret, const char *name, const char *type, const char *help, uint64_t value)
{
	head(ret, name, type, help);
	text_addf(ret, "%s %" PRIu64 "\n", name, value);
}

static void write_requests(const struct metrics *m, struct text *ret)
{
	static const char NAME[] = "changeover_lock_requests_total";

	head(ret, NAME, "counter", "Requests answered, by protocol and answer");
	for (size_t p = 0; p < METRICS_PROTOCOL_COUNT; p++)
		for (size_t a = 0; a < METRICS_ANSWER_COUNT; a++)
			text_addf(ret, "%s{protocol=\"%s\",answer=\"%s\"} %" PRIu64 "\n", NAME, PROTOCOLS[p],
				ANSWERS[a], m->requests[p][a]);
}

struct totals {
	uint64_t held, stale, holders;
};

static struct totals count(const struct lock_table *t, int64_t now_ms)
{
	struct totals n = { .held = 0 };

	for (size_t i = 0; i < t->count; i++) {
		n.holders += t->locks[i]->count;
		n.held += t->locks[i]->count > 0;
		n.stale += lock_is_stale(t->locks[i], now_ms);
	}
	return n;
}

void metrics_write(const struct metrics *m, const struct lock_table *t, int64_t now_ms, struct text *ret)
{
	const struct totals n = count(t, now_ms);

	write_requests(m, ret);
	one(ret, "changeover_locks", "gauge", "Locks that exist", t->count);
	one(ret, "changeover_locks_held", "gauge", "Locks that somebody holds", n.held);
	one(ret, "changeover_locks_stale", "gauge", "Locks that somebody has held for more than 4 hours",
		n.stale);
	one(ret, "changeover_lock_holders", "gauge", "Slots that are taken", n.holders);
	one(ret, "changeover_lock_commits_total", "counter", "Transactions written to the store", m->commits);
	one(ret, "changeover_lock_changes_total", "counter", "Changes written to the store", m->changes);
	one(ret, "changeover_lock_store_failures_total", "counter", "Times that the store could not be used",
		m->failures);
}
