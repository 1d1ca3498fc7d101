/* request.h: what an operator asks of the engine that drives a rebuild, from another process. */
#ifndef JOURNAL_REQUEST_H
#define JOURNAL_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

struct journal;

enum journal_request_kind {
	JOURNAL_REQUEST_STOP,     /* finish what is under way, begin nothing new */
	JOURNAL_REQUEST_ROLLBACK, /* put blue back */
};

struct journal_request {
	const char *rebuild;
	enum journal_request_kind kind;
};

/* Leaves it for whoever drives the rebuild, in place of an earlier one. */
bool request_put(struct journal *j, const struct journal_request *q, int64_t now_ms, struct error *err) MUST_USE;

/* All that were left and not taken; *ret and its texts are in the arena. */
bool request_list(struct journal *j, struct arena *a, struct journal_request **ret, size_t *count,
	struct error *err) MUST_USE;

/* It was heard, or there is nobody any more to hear it. */
bool request_remove(struct journal *j, const char *rebuild, struct error *err) MUST_USE;
#endif
