/* truth.h: how things really are, as the rules ask for it. */
#ifndef SIMULATION_TRUTH_H
#define SIMULATION_TRUTH_H

#include "history.h"

/* The place's number. */
int truth_place(const struct history *h, const struct place *p);

/* NULL if there is none of that id. */
const struct stage_machine *truth_machine(const struct history *h, const char *id);

/* A fault has struck it lately enough to explain what it does not do. */
bool truth_is_hurt(const struct history *h, const struct stage_machine *m);

/* The volume is attached to it, in any state; and how many of the place's are. */
bool truth_is_on(const struct history *h, const struct stage_machine *m, const struct model_volume *v);
size_t truth_count_on(const struct history *h, const struct place *p, const struct stage_machine *m);

/* All data volumes of its place are mounted there. */
bool truth_holds_all(const struct history *h, const struct stage_machine *m);

/* Clients of the place are served, by a machine that has the data. */
bool truth_serves(const struct history *h, int place);
#endif
