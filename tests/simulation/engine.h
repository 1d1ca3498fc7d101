/*
 * engine.h: one process of `changeover`: a loop that does with the pure core what engine/run/run.c
 * does: decide, guard, record, act; with the lease, and with a journal that can fail.
 */
#ifndef SIMULATION_ENGINE_H
#define SIMULATION_ENGINE_H

#include "history.h"

/*
 * Somebody runs the command, for the places that have not come to an end. False: it ends at once,
 * because the journal cannot be written, another engine holds a lease, or nothing is to be done.
 */
bool engine_start(struct history *h, struct command c);

/* As whom it holds leases. */
struct book_holder engine_holder(const struct engine *e);

/* When it wants to be run next; INT64_MAX if it is dead or stopped. */
int64_t engine_due(const struct engine *e);

/* One turn of its loop. It ends when all of its rebuilds have. */
void engine_turn(struct history *h, struct engine *e);

/* The answer to a call of this engine. */
void engine_answered(struct history *h, struct call *c);

/* What people and faults do to it. */
void engine_kill(struct history *h, struct engine *e);
void engine_pause(struct history *h, struct engine *e);
void engine_continue(struct history *h, struct engine *e);
void engine_interrupt(struct history *h, struct engine *e); /* Ctrl-C */

/* An operator asks whoever drives the rebuild of that place, through its journal; false: nobody does. */
bool engine_ask(struct history *h, int place, enum rebuild_request what);

/* One that lives, or NULL. */
struct engine *engine_find(struct history *h);
#endif
