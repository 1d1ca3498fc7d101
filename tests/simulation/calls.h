/*
 * calls.h: questions and effects under way between engines and the stage. Each takes its time, takes
 * hold somewhere in between, and is answered once, unless its engine is dead by then.
 */
#ifndef SIMULATION_CALLS_H
#define SIMULATION_CALLS_H

#include "history.h"

void calls_begin_effect(struct history *h, struct engine *e, struct member *m, const struct effect *effect);
void calls_begin_question(struct history *h, struct engine *e, struct member *m, const struct query *q);

/* The calendar says that the i-th call takes hold, or that its answer arrives. */
void calls_happen(struct history *h, const struct calendar_entry *entry);
void calls_answer(struct history *h, const struct calendar_entry *entry);

/* A disk has appeared: commands that waited for one look again. */
void calls_look_again(struct history *h);

/* The engine is dead: of what it has sent, some arrives and some does not. */
void calls_lose(struct history *h, const struct engine *e);

/* Forgets all calls. */
void calls_clear(struct history *h);
#endif
