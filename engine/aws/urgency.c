#include "aws/urgency.h"

#include <stdlib.h>
#include <string.h>

void urgency_set(struct urgency *u, uint32_t subject, bool urgent)
{
	if (subject >= u->size) {
		size_t size = (size_t)subject * 2 + 16;

		if (!urgent)
			return;
		u->urgent = realloc(u->urgent, size * sizeof(*u->urgent));
		if (!u->urgent)
			abort();
		memset(u->urgent + u->size, 0, (size - u->size) * sizeof(*u->urgent));
		u->size = size;
	}
	u->urgent[subject] = urgent;
}

bool urgency_of(const struct urgency *u, uint32_t subject)
{
	return subject < u->size && u->urgent[subject];
}

void urgency_release(struct urgency *u)
{
	free(u->urgent);
	*u = (struct urgency){ .size = 0 };
}

uint32_t urgency_first(const struct urgency *u, const struct query *queries, size_t count)
{
	uint32_t first = queries[0].subject;

	for (size_t i = 1; i < count; i++) {
		uint32_t other = queries[i].subject;
		bool more = urgency_of(u, other), less = urgency_of(u, first);

		if (more != less ? more : other < first)
			first = other;
	}
	return first;
}

/* 0 goes first. */
static int rank(const struct urgency *u, const struct urgency_call *c, int64_t now_ms)
{
	if (c->dry_run)
		return 2;
	return !urgency_of(u, c->subject) && now_ms - c->wanted_ms < URGENCY_PATIENCE_MS;
}

bool urgency_goes_before(
	const struct urgency *u, const struct urgency_call *a, const struct urgency_call *b, int64_t now_ms)
{
	int rank_a = rank(u, a, now_ms), rank_b = rank(u, b, now_ms);

	if (rank_a != rank_b)
		return rank_a < rank_b;
	if (rank_a == 1 && a->subject != b->subject)
		return a->subject < b->subject;
	return a->wanted_ms <= b->wanted_ms;
}
