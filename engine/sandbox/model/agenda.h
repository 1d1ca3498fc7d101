/*
 * agenda.h: what will happen when, the earliest first.
 *
 * An event names its subject by id and is never taken back: whoever carries it out looks whether the
 * subject still exists and still waits for it.
 */
#ifndef SANDBOX_MODEL_AGENDA_H
#define SANDBOX_MODEL_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

enum { AGENDA_ID_SIZE = 32 };

struct agenda_event {
	int64_t due_ms;
	int kind; /* the model's enum event */
	char id[AGENDA_ID_SIZE];
};

struct agenda {
	struct heap events; /* by due time */
};

void agenda_init(struct agenda *a);
void agenda_put(struct agenda *a, int64_t due_ms, int kind, const char *id);

/* INT64_MAX if there is nothing. */
int64_t agenda_next_due(const struct agenda *a);

/* Takes out the earliest event if it is due at now_ms. */
bool agenda_take(struct agenda *a, int64_t now_ms, struct agenda_event *ret);
void agenda_release(struct agenda *a);
#endif
