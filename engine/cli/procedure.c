#include "cli/procedure.h"

#include "rebuild/steps/steps.h"

const struct report_step *procedure_steps(struct arena *a, size_t *count)
{
	struct report_step *rows = arena_array(a, REBUILD_STEPS_MAX, sizeof(*rows));

	*count = 0;
	for (const struct step *const *s = steps_move; *s; s++)
		if (!(*s)->only_back)
			rows[(*count)++] = (struct report_step){ (*s)->name, (*s)->summary, (*s)->in_window };
	return rows;
}
