/*
 * checks.h: one round of a plan's checks. Those by TCP and HTTP go out at once, those by command
 * one after the other on the machine's session; the round ends when all have answered.
 */
#ifndef GUEST_CHECKS_H
#define GUEST_CHECKS_H

#include "base/clock.h"
#include "cloud/guest.h"
#include "cloud/world.h"
#include "guest/machine.h"
#include "guest/scripts.h"
#include "net/http.h"

struct check_round;

struct check_tools {
	uv_loop_t *loop;
	struct http_client *http;
	const struct scripts *scripts;
	const struct clock *clock;
};

typedef void checks_done(void *ctx, const struct verdict *v);

/* Both are borrowed until done, which is called exactly once, later, unless cancelled. */
struct check_round *checks_begin(const struct check_tools *t, struct machine *m, const struct guest_order *o,
	checks_done *done, void *ctx);

/* Only when the machines have been released: a command under way would still answer. */
void checks_cancel(struct check_round *r);

/*
 * Appends text with each {{address}} replaced. An IPv6 address stands in brackets if `url` is set.
 */
void check_expand(struct text *ret, const char *text, const char *address, bool url);
#endif
