/* share.h: how many a share is of so many: 10% of 25 is two and a half, and it matters which way that goes. */
#ifndef PLAN_SHARE_H
#define PLAN_SHARE_H

#include <stddef.h>

#include "plan/plan.h"

/* Never more than was said: for limits. At most the whole. */
size_t share_at_most(struct plan_share s, size_t whole);

/* Never less than was said: for how far to go. At most the whole. */
size_t share_at_least(struct plan_share s, size_t whole);
#endif
