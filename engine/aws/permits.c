#include "aws/permits.h"

void permits_note(struct permits *p, enum action_id action, bool permitted, int64_t asked_ms)
{
	p->of[action].granted = permitted ? p->of[action].granted + 1 : 0;
	p->of[action].asked_ms = asked_ms;
}

bool permits_believes(const struct permits *p, enum action_id action, int64_t now_ms)
{
	return p->of[action].granted >= PERMITS_ASKED && now_ms - p->of[action].asked_ms <= PERMITS_FRESH_MS;
}
