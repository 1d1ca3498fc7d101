#include "aws/buckets.h"

#include <math.h>

/*
 * One token less than EC2's: calls that leave evenly arrive unevenly, and the last one would now and then
 * come a moment too early.
 */
static const struct {
	double size, refill_per_s;
} CLASSES[] = {
	[ACTION_READS] = { 100 - 1, 20 },
	[ACTION_CHANGES] = { 50 - 1, 5 },
	[ACTION_LAUNCHES] = { 5 - 1, 2 },
	[ACTION_BULK] = { 100 - 1, 5 },
	[ACTION_TAGS] = { 100 - 1, 10 },
};

/* Of the full rate, at a time: it grows evenly since the last cut. */
static double share_at(const struct bucket *b, int64_t at_ms)
{
	double passed = (double)(at_ms - b->cut_ms) / BUCKETS_RECOVERY_MS;

	if (!b->cut_ms || passed >= 1)
		return 1;
	return b->share + (1 - b->share) * passed;
}

static double parts_of(const struct bucket *b)
{
	return b->parts > 1 ? b->parts : 1;
}

static double rate_at(const struct bucket *b, enum action_id action, int64_t at_ms)
{
	return CLASSES[action_get(action)->class].refill_per_s * share_at(b, at_ms) / parts_of(b);
}

/* One call fits in, however many share it. */
static double size_of(const struct bucket *b, enum action_id action)
{
	double size = CLASSES[action_get(action)->class].size / parts_of(b);

	return size > 1 ? size : 1;
}

static double tokens_at(const struct bucket *b, enum action_id action, int64_t now_ms)
{
	double size = size_of(b, action), tokens;

	if (!b->counted_ms)
		return size;
	/* The rate in the middle is the mean of one that grows evenly. */
	tokens = b->tokens + (double)(now_ms - b->counted_ms) / 1000 *
				     rate_at(b, action, b->counted_ms + (now_ms - b->counted_ms) / 2);
	return tokens < size ? tokens : size;
}

static void count(struct bucket *b, enum action_id action, int64_t now_ms)
{
	b->tokens = tokens_at(b, action, now_ms);
	b->counted_ms = now_ms;
}

bool buckets_take(struct buckets *all, enum action_id action, int64_t now_ms)
{
	struct bucket *b = &all->of[action];

	count(b, action, now_ms);
	if (b->tokens < 1)
		return false;
	b->tokens -= 1;
	return true;
}

static int64_t wait_ms(const struct bucket *b, enum action_id action, int64_t now_ms)
{
	double missing = 1 - tokens_at(b, action, now_ms);

	if (missing <= 0)
		return 0;
	return (int64_t)ceil(missing / rate_at(b, action, now_ms) * 1000);
}

int64_t buckets_wait_ms(const struct buckets *all, enum action_id action, int64_t now_ms)
{
	return wait_ms(&all->of[action], action, now_ms);
}

int64_t buckets_admit(struct buckets *all, int64_t now_ms)
{
	struct bucket *launches = &all->of[ACTION_RUN_INSTANCES], *b = &all->admissions;

	b->share = launches->share;
	b->cut_ms = launches->cut_ms;
	count(b, ACTION_RUN_INSTANCES, now_ms);
	if (b->tokens < 1)
		return wait_ms(b, ACTION_RUN_INSTANCES, now_ms);
	b->tokens -= 1;
	return 0;
}

void buckets_split(struct buckets *all, unsigned parts, int64_t now_ms)
{
	for (int i = 0; i < ACTION_COUNT; i++) {
		count(&all->of[i], (enum action_id)i, now_ms);
		all->of[i].parts = parts;
	}
	count(&all->admissions, ACTION_RUN_INSTANCES, now_ms);
	all->admissions.parts = parts;
}

void buckets_throttled(struct buckets *all, enum action_id action, int64_t now_ms)
{
	struct bucket *b = &all->of[action];

	count(b, action, now_ms);
	b->tokens = 0;
	if (b->cut_ms && now_ms - b->cut_ms < BUCKETS_ONE_CUT_MS)
		return;
	b->share = share_at(b, now_ms) / 2;
	if (b->share < BUCKETS_LEAST_PERCENT / 100.0)
		b->share = BUCKETS_LEAST_PERCENT / 100.0;
	b->cut_ms = now_ms;
}
