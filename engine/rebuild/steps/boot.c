/* boot.c: green runs, its checks are good, its host key is known, and we can be root there. */
#include "rebuild/steps/steps.h"

#include <stdio.h>

#include "rebuild/claim.h"
#include "rebuild/seen.h"

static const struct pace STATE = { 5500, 3000 }, CONSOLE = { 10000, 3000 }, LOGIN = { 0, 1000 };
/* Status checks are never good earlier; but a rebuild that is gone on with may have clients waiting. */
static const struct pace HEALTH = { 15000, 5000 }, HEALTH_RESUMED = { 0, 5000 };

static bool is_running(const struct rebuild *r)
{
	return r->world.green.state == INSTANCE_RUNNING;
}

static bool is_healthy(const struct rebuild *r)
{
	return is_running(r) && r->world.green_guest.reachable && r->world.green_status.health == HEALTH_OK;
}

/*
 * Blue, its volumes and its addresses were last looked at before green was launched. What was true then must be true
 * now, and the session that quiesces it must be open before clients wait. After a resumption blue may be
 * anything, but it is ours.
 *
 * That look also shows whether all is still ours, after the time in which another engine that began at the
 * same moment can have written its tags over ours: as a rule that has passed long ago.
 */
static int64_t last_look_ms(const struct rebuild *r)
{
	int64_t healthy_ms = r->world.green_status.asked_ms, stands_ms = claim_stands_ms(r);

	return healthy_ms > stands_ms ? healthy_ms : stands_ms;
}

static bool are_tags_seen(const struct rebuild *r, int64_t since_ms)
{
	const struct world *w = &r->world;

	for (size_t i = 0; i < w->volume_count; i++)
		if (w->volumes[i].tags_asked_ms < since_ms)
			return false;
	return w->blue.asked_ms >= since_ms;
}

static bool is_blue_there(const struct rebuild *r)
{
	const struct world *w = &r->world;
	int64_t since_ms = last_look_ms(r);

	if (r->resumed)
		return r->blue_quiesced || are_tags_seen(r, since_ms);
	if (w->blue.state != INSTANCE_RUNNING || seen_foreign_address(r))
		return false;
	for (size_t i = 0; i < w->address_count; i++)
		if (w->addresses[i].asked_ms < since_ms)
			return false;
	return are_tags_seen(r, since_ms) && w->blue_guest.reachable && w->blue_guest.asked_ms >= since_ms;
}

static bool proved(const struct rebuild *r, struct moment now)
{
	(void)now;
	return is_healthy(r) && is_blue_there(r);
}

static const char *hopeless(struct rebuild *r, struct moment now)
{
	const struct instance *green = &r->world.green;

	(void)now;
	if (green->state > INSTANCE_RUNNING) {
		snprintf(r->finding, sizeof(r->finding), "green %s is %s: %s", green->id,
			instance_state_name(green->state),
			green->reason[0] ? green->reason : "no reason given");
		return r->finding;
	}
	if (!r->resumed && r->world.blue.state != INSTANCE_RUNNING) {
		snprintf(r->finding, sizeof(r->finding), "blue %s is %s", r->world.blue.id,
			instance_state_name(r->world.blue.state));
		return r->finding;
	}
	if (r->world.green_status.health != HEALTH_IMPAIRED)
		return seen_describe_foreign_address(r);
	snprintf(r->finding, sizeof(r->finding), "the status checks of green %s fail", green->id);
	return r->finding;
}

static bool knows_host_key(const struct rebuild *r)
{
	return r->plan->ssh.host_key != PLAN_HOST_KEY_CONSOLE || r->world.green_keys.lines[0];
}

/* Only what was not seen since then: in a large rollout one kind of question is answered seconds after another. */
static void look_at_blue(struct rebuild *r, struct looks *out)
{
	const struct world *w = &r->world;
	int64_t since_ms = last_look_ms(r);

	if (!w->blue_guest.reachable || w->blue_guest.asked_ms < since_ms)
		step_look_guest(out, false, LOGIN);
	if (w->blue.asked_ms < since_ms)
		step_look(out, QUERY_INSTANCE, w->blue.id, LOGIN);
	for (size_t i = 0; i < w->address_count; i++)
		if (w->addresses[i].asked_ms < since_ms)
			step_look(out, QUERY_ADDRESS, w->addresses[i].allocation_id, LOGIN);
	for (size_t i = 0; i < w->volume_count; i++)
		if (w->volumes[i].tags_asked_ms < since_ms)
			step_look(out, QUERY_VOLUME, w->volumes[i].id, LOGIN);
}

/* Host keys are printed after sshd answers, and the login is worth more than the status checks: those come last. */
static void look(struct rebuild *r, struct moment now, struct looks *out)
{
	const char *green = r->world.green.id;

	if (!is_running(r))
		step_look(out, QUERY_INSTANCE, green, STATE);
	else if (!knows_host_key(r))
		step_look(out, QUERY_HOST_KEYS, green, CONSOLE);
	else if (!r->world.green_guest.reachable)
		step_look_guest(out, true, LOGIN);
	else if (!is_healthy(r))
		step_look(out, QUERY_STATUS, green, r->resumed ? HEALTH_RESUMED : HEALTH);
	else if (now.mono_ms >= last_look_ms(r))
		look_at_blue(r, out);
}

static const char *waits_for(const struct rebuild *r)
{
	if (!is_running(r))
		return "green is not running yet";
	if (!knows_host_key(r))
		return "green's console does not show its host keys yet";
	if (!r->world.green_guest.reachable)
		return "green does not let us log in yet";
	return is_healthy(r) ? "blue is looked at once more" : "green's status checks are not ok yet";
}

const struct step step_boot = {
	.name = "boot",
	.summary = "Wait for green: running, healthy, host key trusted, logged in",
	.needs = FACT_LAUNCHED,
	.gives = FACT_BOOTED,
	.limit_s = 900,
	.typical_ms = 60 * 1000,
	.waits_for = waits_for,
	.proved = proved,
	.hopeless = hopeless,
	.look = look,
};
