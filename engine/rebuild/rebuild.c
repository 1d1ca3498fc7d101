#include "rebuild/rebuild.h"

#include <string.h>

#include "base/text.h"
#include "cloud/absorb.h"
#include "rebuild/course.h"
#include "rebuild/steps/steps.h"

void rebuild_init(struct rebuild *r, const char *id, const struct plan *plan, const char *blue_id)
{
	*r = (struct rebuild){ .plan = plan, .options.journal = "", .volume_count = plan->data_count };
	text_copy(r->id, sizeof(r->id), id);
	text_copy(r->world.blue.id, sizeof(r->world.blue.id), blue_id);
	for (size_t i = 0; i < plan->data_count; i++)
		r->volumes[i].plan = &plan->data[i];
	for (size_t i = 0; i < REBUILD_STEPS_MAX; i++)
		r->steps[i].attempt = 1;
}

void rebuild_resume(struct rebuild *r, const struct rebuild_past *past)
{
	r->resumed = r->changed_something = true;
	r->resume_back = past->turned_back;
	r->resume_in_window = past->window_opened && !past->confirmed_wall_ms;
	r->blue_quiesced = past->window_opened;
	r->resume_finished = past->finished;
	r->launch_begun_before = past->launch_begun;
	r->unanswered_wall_ms = past->unanswered_wall_ms;
	r->claim_begun_wall_ms = past->claim_begun_wall_ms;
	r->green_replaced = past->green_replaced;
	r->confirmed_wall_ms = past->confirmed_wall_ms;
	text_copy(r->cause, sizeof(r->cause), past->cause ? past->cause : "");
	for (size_t i = 0; i < past->volume_count && i < r->volume_count; i++) {
		text_copy(r->volumes[i].id, CLOUD_ID_SIZE, past->volumes[i]);
		world_follow_volume(&r->world, past->volumes[i]);
		r->volumes_found++;
	}
}

void rebuild_ask(struct rebuild *r, enum rebuild_request what)
{
	if (what == REQUEST_STOP)
		r->interrupted = true;
	else
		r->rollback_asked = true;
}

void rebuild_lose(struct rebuild *r, const char *reason)
{
	if (!rebuild_is_over(r))
		course_lose(r, reason);
}

void rebuild_release(struct rebuild *r)
{
	arena_release(&r->arena);
	error_release(&r->trouble);
	error_release(&r->trouble_blue);
	error_release(&r->trouble_green);
}

static bool is_proved(const struct rebuild *r, const struct step *s)
{
	return step_run_seen(r, s)->proved;
}

bool rebuild_needs_guest(const struct rebuild *r, bool green)
{
	bool healthy = r->world.green_status.health == HEALTH_OK;

	if (r->course != COURSE_FORWARD || r->resumed)
		return true;
	if (green)
		return !r->world.green_guest.reachable || is_proved(r, &step_quiesce);
	return !is_proved(r, &step_preflight) || (healthy && !is_proved(r, &step_quiesce));
}

static int64_t sum_typical(bool only_window)
{
	int64_t sum = 0;

	for (const struct step *const *s = steps_move; *s; s++)
		if ((*s)->in_window || !only_window)
			sum += (*s)->typical_ms;
	return sum;
}

int64_t rebuild_predicted_outage_ms(void)
{
	return sum_typical(true);
}

int64_t rebuild_predicted_ms(void)
{
	return sum_typical(false);
}
