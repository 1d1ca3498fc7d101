/*
 * worker.h: one process that drives a rollout: what engine/run does with the core. It goes by the rows alone: what
 * stands there as under way on its seat is what it drives, whatever replies say.
 */
#ifndef ROLLOUTS_WORKER_H
#define ROLLOUTS_WORKER_H

#include "story.h"

/* A new process. There is room for it. */
void worker_start(struct story *s);

/* It is killed. What it has sent still arrives. */
void worker_crash(struct story *s, int worker);

void worker_sleep(struct story *s, int worker, int64_t for_ms);

bool worker_is_awake(const struct story *s, int worker);

/* What the calendar says. */
void worker_turn(struct story *s, struct story_entry e);
void worker_reply(struct story *s, uint32_t parcel);

/* A change reaches the rows, whoever sent it. */
void worker_change_arrives(struct story *s, uint32_t parcel);

/* A machine's rebuild has come to where its driver must do something, if it has one. */
void worker_needed(struct story *s, uint32_t machine);
#endif
