/*
 * nature.h: the machines as they really are: their rebuilds take time and end as they may, whoever drives them; and
 * now and then one stops serving by itself. Workers learn of it when a rebuild arrives where it needs them.
 */
#ifndef ROLLOUTS_NATURE_H
#define ROLLOUTS_NATURE_H

#include "story.h"

/* The worker begins the machine's rebuild, or goes on with the one that was begun. */
void nature_drive(struct story *s, int worker, uint32_t machine);

/* The worker has a word to say about the machine: one-driver is judged. */
void nature_acts(struct story *s, int worker, uint32_t machine);

/* It has its lock; it goes, or it is withdrawn. */
void nature_word(struct story *s, uint32_t machine, bool goes);

/* The rollout has halted: it is put back, if no client has noticed anything yet. */
void nature_withdraw(struct story *s, uint32_t machine);

/* Its end stands in the rows. */
void nature_recorded(struct story *s, uint32_t machine);

/* The worker is no more, or has forgotten all: nothing goes on with what it drove. */
void nature_abandon(struct story *s, int worker);

/* What the calendar says. */
void nature_arrive(struct story *s, struct story_entry e);
void nature_flap(struct story *s, uint32_t machine);
#endif
