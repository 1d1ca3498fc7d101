#include "rebuild/steps/steps.h"

#include <stddef.h>

const struct step *const steps_move[] = {
	&step_preflight,
	&step_protect,
	&step_backup,
	&step_launch,
	&step_boot,
	&step_quiesce,
	&step_point,
	&step_detach,
	&step_attach,
	&step_mount,
	&step_start,
	&step_ready,
	&step_switch,
	&step_confirm,
	&step_bake,
	&step_retire,
	&step_terminate,
	&step_prune,
	&step_turn_back,
	NULL,
};
