/* steps.h: every step of a rebuild. One file each; the order is in table.c. */
#ifndef REBUILD_STEPS_H
#define REBUILD_STEPS_H

#include "rebuild/step.h"

extern const struct step step_preflight, step_protect, step_backup, step_launch, step_boot, step_quiesce,
	step_point, step_detach, step_attach, step_mount, step_start, step_ready, step_switch, step_confirm,
	step_bake, step_retire, step_terminate, step_prune, step_turn_back;

/* The rebuild as a procedure, NULL-terminated. */
extern const struct step *const steps_move[];
#endif
