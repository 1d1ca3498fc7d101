#include "aws/retry.h"

/*
 * Reads may always be repeated. A mutation only if it surely did not happen, or if its client token
 * makes EC2 answer the second as it answered the first. Else the unknown goes up: the engine looks.
 */
static bool is_safe(const struct retry_question *q)
{
	return !q->action->mutates || q->dry_run || q->action->has_token || q->happened == HAPPENED_NO;
}

static unsigned attempts_allowed(enum failure_class class)
{
	switch (class) {
	case FAILURE_THROTTLED:
		return RETRY_THROTTLED_ATTEMPTS;
	case FAILURE_TRANSIENT:
		return RETRY_ATTEMPTS;
	case FAILURE_FINAL:
		return 0;
	}
	return 0;
}

/* Evenly between 0 and the ceiling. */
static int64_t jitter(int64_t ceiling_ms, const struct entropy *entropy)
{
	uint32_t random;

	entropy->fill(entropy->self, &random, sizeof(random));
	return (int64_t)((uint64_t)random * (uint64_t)ceiling_ms >> 32);
}

bool retry_wanted(const struct retry_question *q, const struct entropy *entropy, int64_t *ret_delay_ms)
{
	int64_t ceiling_ms = 1000, delay_ms;

	if (!is_safe(q) || q->attempts >= attempts_allowed(q->class))
		return false;
	for (unsigned n = 1; n < q->attempts && ceiling_ms < RETRY_DELAY_MAX_MS; n++)
		ceiling_ms *= 2;
	if (ceiling_ms > RETRY_DELAY_MAX_MS)
		ceiling_ms = RETRY_DELAY_MAX_MS;
	delay_ms = jitter(ceiling_ms, entropy);
	if (delay_ms >= q->left_ms)
		return false;
	*ret_delay_ms = delay_ms;
	return true;
}
