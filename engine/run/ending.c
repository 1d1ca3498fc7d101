#include "run/ending.h"

#include "run/ledger.h"

/* The plan outlives the run, and the lists were made in the arena. */
static struct record keep_record(const struct rebuild *r, struct arena *a)
{
	struct record kept = ledger_record(r, a);

	kept.id = arena_copy(a, kept.id);
	kept.blue = arena_copy(a, kept.blue);
	kept.green = arena_copy(a, kept.green);
	kept.image_from = arena_copy(a, kept.image_from);
	kept.image_to = arena_copy(a, kept.image_to);
	kept.cause = arena_copy(a, kept.cause);
	return kept;
}

struct ending ending_of(const struct rebuild *r, struct arena *a)
{
	const struct guest *blue = &r->world.blue_guest;
	const struct guest *serving = r->course == COURSE_ROLLED_BACK ? blue : &r->world.green_guest;

	return (struct ending){
		.course = r->course,
		.record = keep_record(r, a),
		.outage_ms = r->window_closed_ms ? r->window_closed_ms - r->window_opened_ms : -1,
		.cause_request = arena_copy(a, r->cause_request),
		.cause_hint = r->cause_hint,
		.stop_ms = blue->stop_ms,
		.unmount_ms = blue->unmount_ms,
		.mount_ms = serving->mount_ms,
		.start_ms = serving->start_ms,
	};
}
