#include "sandbox/api/throttle.h"

#include <stdlib.h>

#include "base/alloc.h"

static const struct {
	double size, refill_per_s;
} CLASSES[THROTTLE_CLASS_COUNT] = {
	[THROTTLE_READ] = { 100, 20 },
	[THROTTLE_UNFILTERED] = { 50, 10 },
	[THROTTLE_MUTATE] = { 50, 5 },
	[THROTTLE_LAUNCH] = { 5, 2 },
	[THROTTLE_BULK] = { 100, 5 },
	[THROTTLE_TAG] = { 100, 10 },
	[THROTTLE_LAUNCH_RESOURCES] = { 1000, 2 },
	[THROTTLE_END_RESOURCES] = { 1000, 20 },
};

struct bucket {
	double tokens;
	int64_t filled_ms; /* 0: never used, so full */
};

struct throttle {
	struct bucket (*buckets)[THROTTLE_CLASS_COUNT]; /* owned, by action */
};

struct throttle *throttle_new(size_t actions)
{
	struct throttle *t = alloc_zeroed(1, sizeof(*t));

	t->buckets = alloc_zeroed(actions, sizeof(*t->buckets));
	return t;
}

void throttle_free(struct throttle *t)
{
	if (!t)
		return;
	free(t->buckets);
	free(t);
}

static void refill(struct bucket *b, enum throttle_class class, int64_t now_ms)
{
	if (b->filled_ms)
		b->tokens += (double)(now_ms - b->filled_ms) / 1000 * CLASSES[class].refill_per_s;
	if (!b->filled_ms || b->tokens > CLASSES[class].size)
		b->tokens = CLASSES[class].size;
	b->filled_ms = now_ms;
}

bool throttle_take(
	struct throttle *t, size_t action, enum throttle_class class, unsigned tokens, int64_t now_ms)
{
	struct bucket *b = &t->buckets[action][class];

	if (class == THROTTLE_NONE)
		return true;
	refill(b, class, now_ms);
	if (b->tokens < tokens)
		return false;
	b->tokens -= tokens;
	return true;
}
