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

/* Shows an answer that came without an error; borrowed for the call. */
typedef void asking_show(void *self, const struct answer *a);

struct asking {
	uv_loop_t *loop;
	struct provider provider;
	size_t open; /* answers that are still to come */
	asking_show *show;
	void *show_self;
	struct error trouble; /* the first answer that failed */
};

void asking_init(struct asking *a, uv_loop_t *loop);
struct sink asking_sink(struct asking *a);

/* Asks all at once and shows each answer. Fails with the first error, after all were answered. */
bool asking_queries(struct asking *a, const struct query *queries, size_t count, asking_show *show,
	void *self, struct error *err) MUST_USE;

/* Does it. show, which may be NULL, sees the answer in any case, its error too. */
bool asking_effect(
	struct asking *a, const struct effect *e, asking_show *show, void *self, struct error *err) MUST_USE;
#endif
