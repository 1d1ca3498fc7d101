#include "mutants.h"

#include <string.h>

#include "base/text.h"
#include "rebuild/steps/steps.h"

/* ---- what the core believes ---- */

static void skip(struct rebuild *r, const struct step *s)
{
	if (r->course == COURSE_FORWARD)
		step_run_of(r, s)->proved = true;
}

static void believe_quiet(struct rebuild *r)
{
	struct guest *g = &r->world.blue_guest;

	if (!step_run_of(r, &step_boot)->proved || r->course != COURSE_FORWARD)
		return;
	g->service = SERVICE_STOPPED;
	for (size_t i = 0; i < g->disk_count; i++)
		g->disks[i].mounted = g->disks[i].mounted_right = false;
}

static void skip_points(struct rebuild *r)
{
	skip(r, &step_backup);
	skip(r, &step_point);
}

static void skip_bake(struct rebuild *r)
{
	if (step_run_of(r, &step_confirm)->proved)
		skip(r, &step_bake);
}

static void skip_ready(struct rebuild *r)
{
	if (!step_run_of(r, &step_mount)->proved)
		return;
	skip(r, &step_start);
	skip(r, &step_ready);
}

static void skip_mount(struct rebuild *r)
{
	if (step_run_of(r, &step_detach)->proved)
		skip(r, &step_mount);
}

static void skip_switch(struct rebuild *r)
{
	if (!step_run_of(r, &step_ready)->proved)
		return;
	skip(r, &step_switch);
	skip(r, &step_confirm);
}

static void forget_keep(struct rebuild *r)
{
	if (r->confirmed_wall_ms)
		r->confirmed_wall_ms = 1;
}

static void leave_protected(struct rebuild *r)
{
	if (r->course == COURSE_BACK)
		step_run_of(r, &step_protect)->acked |= 0xff0005;
}

static void leave_green(struct rebuild *r)
{
	if (r->course == COURSE_BACK)
		r->world.green.state = INSTANCE_TERMINATED;
}

static void leave_blue_stopped(struct rebuild *r)
{
	if (r->course == COURSE_BACK)
		r->blue_quiesced = false;
}

/* Who has no journal cannot see that another one is in the tags. */
static void ignore_claims(struct rebuild *r)
{
	r->options.journal = "";
}

static void do_not_settle(struct rebuild *r)
{
	r->settled = r->claimed_ms > 0;
}

static void forget_touches(struct rebuild *r)
{
	for (size_t i = 0; i < r->volume_count; i++)
		r->volumes[i].touched_ms = 0;
	r->touched_blue_ms = r->touched_green_ms = r->touched_addresses_ms = 0;
}

static void take_unseen_for_gone(struct rebuild *r)
{
	if (r->world.green.asked_ms && r->world.green.state == INSTANCE_UNSEEN)
		r->world.green.state = INSTANCE_TERMINATED;
}

static void forget_that_it_was_adopted(struct rebuild *r)
{
	if (r->adopted && !r->rollback_asked)
		r->resumed = false;
}

static void take_interruption_for_the_end(struct rebuild *r)
{
	if (r->interrupted && !rebuild_is_over(r))
		r->course = COURSE_DONE;
}

/* ---- what it decides ---- */

static void delete_the_youngest(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h;
	if (e->kind != EFFECT_DELETE_SNAPSHOT)
		return;
	for (size_t i = 0; i < r->world.snapshot_count; i++)
		if (!strcmp(r->world.snapshots[i].rebuild, r->id))
			text_copy(e->snapshot_id, sizeof(e->snapshot_id), r->world.snapshots[i].id);
}

static void stop_somebody_else(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)r;
	if (e->kind == EFFECT_STOP_INSTANCE)
		text_copy(e->instance_id, sizeof(e->instance_id), h->others.machine->id);
}

static void give_no_tags(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h, (void)r;
	if (e->kind == EFFECT_CREATE_SNAPSHOT && !e->dry_run)
		e->role = NULL;
}

static void give_up_blue_at_once(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h;
	if (e->kind != EFFECT_CREATE_SNAPSHOT)
		return;
	e->kind = EFFECT_STOP_INSTANCE;
	text_copy(e->instance_id, sizeof(e->instance_id), r->world.blue.id);
}

static void give_up_green_at_once(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h;
	if (r->course != COURSE_BACK || e->kind != EFFECT_DETACH_VOLUME)
		return;
	e->kind = EFFECT_TERMINATE_INSTANCE;
	text_copy(e->instance_id, sizeof(e->instance_id), r->world.green.id);
}

static void make_filesystem(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)r;
	if (e->kind == EFFECT_MOUNT)
		stage_find_volume(&h->stage, e->guest->volumes[0].id)->filesystem += 100;
}

/* Whatever device EC2 has given it. */
static void let_volume_die_as_asked_for(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h;
	for (size_t i = 0; e->kind == EFFECT_KEEP_VOLUME && i < r->volume_count; i++)
		if (!strcmp(r->volumes[i].id, e->volume_id))
			text_copy(e->device, sizeof(e->device), r->volumes[i].device);
}

static void stop_green_in_bake(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h;
	if (e->kind != EFFECT_CHECK || strcmp(e->step, step_bake.name) != 0)
		return;
	e->kind = EFFECT_STOP_INSTANCE;
	text_copy(e->instance_id, sizeof(e->instance_id), r->world.green.id);
}

static void quiesce_early(struct history *h, struct rebuild *r, struct effect *e)
{
	(void)h;
	if (e->kind != EFFECT_LAUNCH || e->dry_run)
		return;
	text_copy(e->instance_id, sizeof(e->instance_id), r->world.blue.id);
	e->kind = EFFECT_STOP_INSTANCE;
}

/* ---- what it hears ---- */

static void lose_doubt(struct error *err)
{
	if (err->kind)
		err->happened = HAPPENED_NO;
}

const struct mutant mutants[] = {
	{ "believes that blue is quiet", "detached-when-quiet", "holder-is-quiet", .before = believe_quiet },
	{ "takes no recovery point", "recovery-point-first", "point-first", .before = skip_points },
	{ "does not bake", NULL, "blue-ends-last", .before = skip_bake },
	{ "does not keep blue", NULL, "blue-ends-last", .before = forget_keep },
	{ "gives up blue at once", "blue-ends-last", "blue-ends-last", .decided = give_up_blue_at_once },
	{ "gives up blue before green is there", "blue-ends-last", "blue-ends-last",
		.decided = quiesce_early },
	{ "gives up a green that holds data", "green-holds-nothing", "green-ends-empty",
		.decided = give_up_green_at_once },
	{ "switches to a green that did not start", NULL, "traffic-to-what-serves", .before = skip_ready },
	{ "stops green while it bakes", NULL, "served", .decided = stop_green_in_bake },
	{ "does not switch", NULL, "has-a-cause", .before = skip_switch },
	{ "starts a service without its data", "started-on-its-data", "writes-kept", .before = skip_mount,
		.breaks = MUTANT_START },
	{ "stops somebody else's machine", "only-our-machines", "only-ours", .decided = stop_somebody_else },
	{ "deletes its own recovery point", "only-old-snapshots-of-ours", "old-snapshot-of-ours",
		.decided = delete_the_youngest },
	{ "makes something without tags", "tagged-when-made", "carries-tags", .decided = give_no_tags },
	{ "makes a filesystem", NULL, "no-filesystem-made", .decided = make_filesystem },
	{ "leaves blue protected", NULL, "blue-as-found", .before = leave_protected },
	{ "leaves green when it goes back", NULL, "accounted-for", .before = leave_green },
	{ "leaves blue stopped when it goes back", NULL, "served-at-end", .before = leave_blue_stopped },
	{ "goes on without its lease", NULL, "fenced", .breaks = MUTANT_FENCE },
	{ "takes a lease that is held", NULL, "fenced", .breaks = MUTANT_LEASE | MUTANT_FENCE },
	{ "does not heed claims", "driven-by-us", "drives-alone", .before = ignore_claims },
	{ "does not wait after a claim", NULL, "drives-alone", .before = do_not_settle },
	{ "believes what it saw before it acted", NULL, NULL, .before = forget_touches },
	{ "takes a lost answer for a refusal", NULL, "accounted-for", .answered = lose_doubt },
	{ .name = NULL },
};

#define FAULT(kind) MUTANT_FAULT(FAULT_##kind)

const struct mutant fault_mutants[FAULT_KIND_COUNT] = {
	[FAULT_TWICE] = { "launches without a token", NULL, "accounted-for", .breaks = MUTANT_TOKEN },
	[FAULT_UNSEEN] = { "takes a green that is not shown for gone", NULL, "accounted-for",
		.before = take_unseen_for_gone },
	[FAULT_OTHER_DEVICE] = { "believes that a disk is where it was asked to be", NULL, NULL,
		.decided = let_volume_die_as_asked_for, .faults = FAULT(OTHER_DEVICE) | FAULT(ROLLED_BACK) },
	[FAULT_JOURNAL_FULL] = { "acts although nothing can be written down", NULL, "fenced",
		.breaks = MUTANT_FULL },
	[FAULT_CLOCK_JUMPS] = { "goes on although its lease seemed over", NULL, "fenced",
		.breaks = MUTANT_FENCE, .faults = FAULT(CLOCK_JUMPS) | FAULT(SECOND_ENGINE) },
	[FAULT_KILLED] = { "goes on as if nothing was done before", NULL, NULL, .breaks = MUTANT_NEW },
	[FAULT_KILLED_ELSEWHERE] = { "goes on as if nothing was done before", NULL, NULL,
		.breaks = MUTANT_NEW },
	[FAULT_SECOND_ENGINE] = { "takes a lease that is held", NULL, "fenced",
		.breaks = MUTANT_LEASE | MUTANT_FENCE },
	[FAULT_JOURNAL_LOST] = { "goes on by tags as if nothing was done before", NULL, NULL,
		.before = forget_that_it_was_adopted },
	[FAULT_SECOND_JOURNAL] = { "does not heed claims", NULL, "drives-alone", .before = ignore_claims },
	[FAULT_INTERRUPTED] = { "takes an interruption for the end", NULL, NULL,
		.before = take_interruption_for_the_end },
	[FAULT_ABORTED] = { "takes an interruption for the end", NULL, NULL,
		.before = take_interruption_for_the_end },
};

bool mutants_has_fault(const struct history *h, enum fault_kind kind)
{
	return !h->mutant || !h->mutant->faults || h->mutant->faults & MUTANT_FAULT(kind);
}

bool mutants_is_cause(const struct history *h, enum fault_kind kind)
{
	return !h->mutant || !(h->mutant->no_cause & MUTANT_FAULT(kind));
}

bool mutants_breaks(const struct history *h, unsigned what)
{
	return h->mutant && h->mutant->breaks & what;
}

const struct guard *mutants_guard(const struct history *h, const struct rebuild *r, const struct effect *e,
	struct moment now, const char **ret_reason)
{
	const char *missing = h->mutant ? h->mutant->guard : NULL;

	if (!missing)
		return guards_refuse(r, e, now, ret_reason);
	for (const struct guard *g = guards; g->name && !e->dry_run; g++) {
		bool judges = g->kinds & 1U << e->kind && strcmp(g->name, missing) != 0;

		*ret_reason = judges ? g->refuses(r, e, now) : NULL;
		if (*ret_reason)
			return g;
	}
	return NULL;
}

void mutants_before(const struct history *h, struct rebuild *r)
{
	if (h->mutant && h->mutant->before)
		h->mutant->before(r);
}

void mutants_decided(struct history *h, struct rebuild *r, struct decision *d)
{
	for (size_t i = 0; h->mutant && h->mutant->decided && i < d->effect_count; i++)
		h->mutant->decided(h, r, &d->effects[i]);
}

void mutants_answered(const struct history *h, struct error *err)
{
	if (h->mutant && h->mutant->answered)
		h->mutant->answered(err);
}
