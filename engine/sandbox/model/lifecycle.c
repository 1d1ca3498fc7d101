/* lifecycle.c: what happens to an instance by itself, once a call has set it going. */
#include <stdlib.h>

#include "base/alloc.h"
#include "sandbox/model/inside.h"

/* How a call sets an instance going: what it waits for, and what comes then. */
static const struct {
	const char *action;
	enum model_instance_state state;
	enum latency latency;
	enum event event;
	const char *reason_code, *reason_message;
} WAYS[] = {
	[MODEL_START] = {
		.action = "StartInstances",
		.state = MODEL_PENDING,
		.latency = LATENCY_START_TO_RUNNING,
		.event = EVENT_RUNNING,
	},
	[MODEL_STOP] = {
		.action = "StopInstances",
		.state = MODEL_STOPPING,
		.latency = LATENCY_STOP,
		.event = EVENT_STOPPED,
		.reason_code = "Client.UserInitiatedShutdown",
		.reason_message = "Client.UserInitiatedShutdown: User initiated shutdown",
	},
	[MODEL_TERMINATE] = {
		.action = "TerminateInstances",
		.state = MODEL_SHUTTING_DOWN,
		.latency = LATENCY_TERMINATE,
		.event = EVENT_TERMINATED,
		.reason_code = "Client.UserInitiatedShutdown",
		.reason_message = "Client.UserInitiatedShutdown: User initiated shutdown",
	},
};

static void set_reason(struct model_instance *i, const char *code, const char *message)
{
	i->reason_code = code;
	free(i->reason_message);
	i->reason_message = alloc_text(message);
}

static void set_going(struct model *m, struct model_instance *i, const char *action)
{
	i->action = action;
	i->accepted_ms = m->now_ms;
}

void lifecycle_launch(struct model *m, struct model_instance *i)
{
	i->state = MODEL_PENDING;
	i->launched_ms = m->now_ms;
	set_going(m, i, "RunInstances");
	i->due_ms = inside_schedule(m, LATENCY_PENDING_TO_RUNNING, EVENT_RUNNING, i->id);
}

void lifecycle_begin(struct model *m, struct model_instance *i, enum model_change_kind kind, bool force)
{
	if (kind == MODEL_START) {
		i->launched_ms = m->now_ms;
		i->dead = false;
	} else if (i->booted) {
		m->orders.halt(m->orders.ctx, i->id, force);
	}
	i->state = WAYS[kind].state;
	set_reason(i, WAYS[kind].reason_code, WAYS[kind].reason_message);
	set_going(m, i, WAYS[kind].action);
	i->due_ms = inside_schedule(m, WAYS[kind].latency, WAYS[kind].event, i->id);
}

void lifecycle_impose(struct model *m, struct model_instance *i, enum model_change_kind kind,
	const char *code, const char *why)
{
	lifecycle_begin(m, i, kind, true);
	set_reason(i, code, why);
}

/* The instance, if it is in that state and still waits for this very event. */
static struct model_instance *waiting(
	const struct model *m, const char *id, enum model_instance_state state, int64_t due_ms)
{
	struct model_instance *i = inside_instance(m, id);

	return i && i->state == state && i->due_ms == due_ms ? i : NULL;
}

void lifecycle_running(struct model *m, const char *id, int64_t due_ms)
{
	struct model_instance *i = waiting(m, id, MODEL_PENDING, due_ms);

	if (!i)
		return;
	if (i->doomed) {
		lifecycle_impose(m, i, MODEL_TERMINATE, "Server.InsufficientInstanceCapacity",
			"Server.InsufficientInstanceCapacity: Insufficient capacity to satisfy instance "
			"request");
		return;
	}
	i->state = MODEL_RUNNING;
	i->checks_ok_ms = m->now_ms + model_draw(m, LATENCY_STATUS_CHECKS);
	i->due_ms = inside_schedule(m, LATENCY_RUNNING_TO_SSHD, EVENT_BOOT, id);
}

static bool boot(struct model *m, struct model_instance *i, struct error *err)
{
	const struct model_boot b = {
		.instance_id = i->id,
		.image_location = i->image->location,
		.private_ip = i->private_ip,
		.public_key = i->key ? i->key->public_key : NULL,
		.user_data = i->settings.user_data,
	};

	return m->orders.boot(m->orders.ctx, &b, err);
}

/* EC2 terminates an instance that cannot start and says so in its state reason. */
static void give_up(struct model *m, struct model_instance *i, struct error *err)
{
	inside_trouble(m, err);
	lifecycle_impose(m, i, MODEL_TERMINATE, "Server.InternalError",
		"Server.InternalError: Internal error on launch");
}

void lifecycle_boot(struct model *m, const char *id, int64_t due_ms)
{
	struct model_instance *i = waiting(m, id, MODEL_RUNNING, due_ms);
	auto_error err = ERROR_INIT;

	if (!i || i->booted)
		return;
	i->booted_ms = m->now_ms;
	if (!boot(m, i, &err)) {
		give_up(m, i, &err);
		return;
	}
	i->booted = true;
	i->console_ms = m->now_ms + model_draw(m, LATENCY_CONSOLE_DELAY);
	inside_effect(m, i->action, i->id, "", i->accepted_ms);
	attachment_plug_all(m, i);
	address_boot(m, i);
}

/* True once nothing of the machine runs and its disks are out; else the event comes again soon. */
static bool is_down(struct model *m, struct model_instance *i, enum event again)
{
	if (!i->booted)
		return true;
	if (!m->orders.halted(m->orders.ctx, i->id) || !attachment_unplug_all(m, i)) {
		i->due_ms = m->now_ms + RETRY_MS;
		agenda_put(&m->agenda, i->due_ms, (int)again, i->id);
		return false;
	}
	i->booted = false;
	return true;
}

void lifecycle_stopped(struct model *m, const char *id, int64_t due_ms)
{
	struct model_instance *i = waiting(m, id, MODEL_STOPPING, due_ms);

	if (!i || !is_down(m, i, EVENT_STOPPED))
		return;
	i->state = MODEL_STOPPED;
	i->stopped_ms = m->now_ms;
	inside_effect(m, i->action, i->id, "", i->accepted_ms);
}

/* Volumes are deleted or set free, the addresses too: EC2's order of things at termination. */
static void give_back(struct model *m, struct model_instance *i)
{
	while (i->volume_count) {
		struct model_volume *v = i->volumes[0];
		bool doomed = v->attachment.delete_on_termination;

		attachment_end(v);
		if (doomed)
			volume_remove(m, v);
	}
	if (i->address)
		address_detach(m, i->address);
	pool_put_private(m, i->zone, i->private_ip);
	i->private_ip[0] = '\0';
}

void lifecycle_terminated(struct model *m, const char *id, int64_t due_ms)
{
	struct model_instance *i = waiting(m, id, MODEL_SHUTTING_DOWN, due_ms);

	if (!i || !is_down(m, i, EVENT_TERMINATED))
		return;
	give_back(m, i);
	if (i->booted_ms)
		m->orders.remove(m->orders.ctx, id);
	i->state = MODEL_TERMINATED;
	i->stopped_ms = m->now_ms;
	inside_effect(m, i->action, i->id, "", i->accepted_ms);
	i->due_ms = inside_schedule(m, LATENCY_TERMINATED_VISIBLE, EVENT_FORGET, id);
}

void lifecycle_free(struct model_instance *i)
{
	free(i->settings.placement_group);
	free(i->settings.profile_arn);
	free(i->settings.user_data);
	free(i->client_token);
	free(i->reason_message);
	free(i->volumes);
	model_tags_release(&i->tags);
	free(i);
}

void lifecycle_forget(struct model *m, const char *id, int64_t due_ms)
{
	struct model_instance *i = waiting(m, id, MODEL_TERMINATED, due_ms);

	if (!i)
		return;
	index_remove(&m->instances, id);
	lifecycle_free(i);
}
