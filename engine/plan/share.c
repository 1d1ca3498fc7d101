#include "plan/share.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t share_at_most(struct plan_share s, size_t whole)
{
	size_t amount = (size_t)s.amount;

	return s.percent ? whole * amount / 100 : least(amount, whole);
}

size_t share_at_least(struct plan_share s, size_t whole)
{
	size_t amount = (size_t)s.amount;

	return s.percent ? (whole * amount + 99) / 100 : least(amount, whole);
}
