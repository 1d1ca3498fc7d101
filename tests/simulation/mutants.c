#include "mutants.h"

bool mutants_breaks(const struct history *h, unsigned what)
{
	(void)what;
	return h->mutant;
}

const struct guard *mutants_guard(const struct history *h, const struct rebuild *r, const struct effect *e,
	struct moment now, const char **ret_reason)
{
	(void)h;
	return guards_refuse(r, e, now, ret_reason);
}

void mutants_before(struct history *h, struct member *m)
{
	(void)h, (void)m;
}

void mutants_decided(struct history *h, struct member *m, struct decision *d)
{
	(void)h, (void)m, (void)d;
}

void mutants_answer(struct history *h, struct member *m, struct answer *a)
{
	(void)h, (void)m, (void)a;
}
