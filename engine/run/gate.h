/*
 * gate.h: a command decides whether a rollout goes on: it does when the command succeeds. One at a time is
 * asked; what it prints goes to our stderr.
 */
#ifndef RUN_GATE_H
#define RUN_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum { GATE_PAUSE_MS = 30 * 1000 }; /* before a command that said no is asked again */

struct gate {
	uv_process_t process;
	bool asked;                  /* and not answered yet */
	bool left;                   /* nobody waits for it any more */
	int64_t asked_ms;            /* monotonic; 0: never */
	void (*opened)(void *self);  /* told once the command succeeded */
	void (*refused)(void *self); /* told each time that it did not */
	void *self;
};

/* Asks unless it was asked a moment ago; gives when to ask again. The gate must outlive the loop. */
int64_t gate_ask(struct gate *g, uv_loop_t *loop, const char *command, int64_t mono_ms);

/* Nobody waits for the answer any more: the command is ended, with all that it started. */
void gate_leave(struct gate *g);
#endif
