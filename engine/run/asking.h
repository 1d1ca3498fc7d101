/*
 * asking.h: asks a provider and waits for the answers: for commands that look, and do one thing after
 * the other. Rebuilds, which must not wait, have run.h.
 *
 * Calling order: asking_init(); the provider is opened with asking_sink(), and put in; then questions
 * and effects, each of which runs the loop until it is answered.
 */
#ifndef RUN_ASKING_H
#define RUN_ASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/compiler.h"
#include "base/error.h"
#include "cloud/provider.h"

/* Who sees an answer; it is borrowed for the call. */
struct asking_view {
	void *self;
	void (*show)(void *self, const struct answer *a); /* NULL: nobody */
};

struct asking {
	uv_loop_t *loop;
	struct provider provider;
	size_t open; /* answers that are still to come */
	struct asking_view view;
	struct error trouble; /* the first answer that failed */
};

void asking_init(struct asking *a, uv_loop_t *loop);
struct sink asking_sink(struct asking *a);

/* Asks all at once; shows the answers without an error. Fails with the first error, after the last answer. */
bool asking_queries(struct asking *a, const struct query *queries, size_t count, struct asking_view view,
	struct error *err) MUST_USE;

/* Does it; shows the answer in any case, its error too. */
bool asking_effect(
	struct asking *a, const struct effect *e, struct asking_view view, struct error *err) MUST_USE;
#endif
