/* wish.h: what an operator asks of the engine that drives a rebuild, from another process. */
#ifndef JOURNAL_WISH_H
#define JOURNAL_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct journal;

enum journal_wish_kind {
	JOURNAL_WISH_STOP,     /* finish what is under way, begin nothing new */
	JOURNAL_WISH_ROLLBACK, /* put blue back */
};

struct journal_wish {
	const char *rebuild;
	enum journal_wish_kind kind;
};

/* Leaves it for whoever drives the rebuild, in place of an earlier one. */
bool wish_put(struct journal *j, const struct journal_wish *q, int64_t now_ms, struct error *err) MUST_USE;

/* All that were left and not taken; *ret and its texts are in the arena. */
bool wish_list(struct journal *j, struct arena *a, struct journal_wish **ret, size_t *count,
	struct error *err) MUST_USE;

/* It was heard, or there is nobody any more to hear it. */
bool wish_remove(struct journal *j, const char *rebuild, struct error *err) MUST_USE;
#endif
