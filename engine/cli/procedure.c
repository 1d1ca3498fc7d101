#include "cli/procedure.h"

#include "rebuild/steps/steps.h"

static size_t count_steps(void)
{
	size_t count = 0;

	while (steps_move[count])
		count++;
	return count;
}

const struct report_step *procedure_steps(struct arena *a, size_t *count)
{
	struct report_step *rows;

	*count = count_steps();
	rows = arena_array(a, *count, sizeof(*rows));
	for (size_t i = 0; i < *count; i++) {
		const struct step *s = steps_move[i];

		rows[i] = (struct report_step){ s->name, s->summary, s->in_window };
	}
	return rows;
}
