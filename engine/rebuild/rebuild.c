#include "rebuild/rebuild.h"

#include <string.h>

#include "base/text.h"
#include "rebuild/steps/steps.h"

void rebuild_init(struct rebuild *r, const char *id, const struct plan *plan, const char *blue_id)
{
	*r = (struct rebuild){ .plan = plan, .volume_count = plan->data_count };
	text_copy(r->id, sizeof(r->id), id);
	text_copy(r->world.blue.id, sizeof(r->world.blue.id), blue_id);
	for (size_t i = 0; i < plan->data_count; i++)
		r->volumes[i].plan = &plan->data[i];
	for (size_t i = 0; i < REBUILD_STEPS_MAX; i++)
		r->steps[i].attempt = 1;
}

void rebuild_release(struct rebuild *r)
{
	arena_release(&r->arena);
	error_release(&r->trouble);
	error_release(&r->trouble_blue);
	error_release(&r->trouble_green);
}

int64_t rebuild_predicted_outage_ms(void)
{
	int64_t sum = 0;

	for (const struct step *const *s = steps_move; *s; s++)
		if ((*s)->in_window)
			sum += (*s)->typical_ms;
	return sum;
}
