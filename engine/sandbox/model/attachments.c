/*
 * attachments.c: which disk is in which machine. The states are EC2's; `plugged` says what is so for
 * real: a disk attached to a machine that is not up yet is plugged in when it boots, and taken out
 * when it halts.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/model/inside.h"

static const char *const ATTACHMENT_STATES[MODEL_ATTACHMENT_STATE_COUNT] = {
	[MODEL_DETACHED] = "detached",
	[MODEL_ATTACHING] = "attaching",
	[MODEL_ATTACHED] = "attached",
	[MODEL_DETACHING] = "detaching",
};

const char *model_attachment_status(const struct model_attachment *a)
{
	return a->busy ? "busy" : ATTACHMENT_STATES[a->state];
}

struct model_volume *attachment_find_device(const struct model_instance *i, const char *device)
{
	for (size_t n = 0; n < i->volume_count; n++)
		if (!strcmp(i->volumes[n]->attachment.device, device))
			return i->volumes[n];
	return NULL;
}

void attachment_begin(struct model *m, struct model_volume *v, struct model_instance *i, const char *device)
{
	i->volumes = realloc(i->volumes, (i->volume_count + 1) * sizeof(struct model_volume *));
	if (!i->volumes)
		abort();
	i->volumes[i->volume_count++] = v;
	v->state = MODEL_VOLUME_IN_USE;
	v->attachment = (struct model_attachment){
		.state = MODEL_ATTACHING,
		.instance = i,
		.attached_ms = m->now_ms,
		.accepted_ms = m->now_ms,
	};
	text_copy(v->attachment.device, sizeof(v->attachment.device), device);
}

void attachment_end(struct model_volume *v)
{
	struct model_instance *i = v->attachment.instance;
	size_t n = 0;

	while (i->volumes[n] != v)
		n++;
	i->volume_count--;
	memmove(&i->volumes[n], &i->volumes[n + 1], (i->volume_count - n) * sizeof(struct model_volume *));
	v->attachment = (struct model_attachment){ .state = MODEL_DETACHED };
	v->state = v->broken ? MODEL_VOLUME_ERROR : MODEL_VOLUME_AVAILABLE;
}

static void tell_attached(struct model *m, struct model_volume *v)
{
	if (v->attachment.told)
		return;
	v->attachment.told = true;
	inside_effect(m, "AttachVolume", v->id, v->attachment.instance->id, v->attachment.accepted_ms);
}

/* False if the disk could not be put in: then it is attached no longer. */
static bool plug(struct model *m, struct model_volume *v)
{
	auto_error err = ERROR_INIT;

	if (v->root || v->attachment.plugged)
		return true;
	if (!m->orders.plug(m->orders.ctx, v->id, v->attachment.instance->id, &err)) {
		inside_trouble(m, &err);
		attachment_end(v);
		return false;
	}
	v->attachment.plugged = true;
	return true;
}

void attachment_plug_all(struct model *m, struct model_instance *i)
{
	for (size_t n = 0; n < i->volume_count;) {
		struct model_volume *v = i->volumes[n];

		if (v->attachment.state == MODEL_ATTACHED) {
			if (!plug(m, v))
				continue; /* the list has closed up over it */
			tell_attached(m, v);
		}
		n++;
	}
}

/* True if the disk is out. A mounted one is not an error: it stays where it is, and we ask again. */
static bool unplug(struct model *m, struct model_volume *v, bool *ret_again)
{
	auto_error err = ERROR_INIT;

	*ret_again = false;
	if (!v->attachment.plugged)
		return true;
	if (m->orders.unplug(m->orders.ctx, v->id, v->attachment.forced, &err)) {
		v->attachment.plugged = false;
		return true;
	}
	*ret_again = err.kind == ERROR_CONFLICT;
	if (!*ret_again)
		inside_trouble(m, &err);
	return false;
}

bool attachment_unplug_all(struct model *m, struct model_instance *i)
{
	for (size_t n = 0; n < i->volume_count; n++) {
		bool again;

		if (!unplug(m, i->volumes[n], &again) && again)
			return false;
	}
	return true;
}

void attachment_attached(struct model *m, const char *id, int64_t due_ms)
{
	struct model_volume *v = index_find(&m->volumes, id);
	const struct model_instance *i;

	if (!v || v->attachment.state != MODEL_ATTACHING || v->attachment.due_ms != due_ms)
		return;
	i = v->attachment.instance;
	v->attachment.state = MODEL_ATTACHED;
	if (i->booted && !plug(m, v))
		return;
	if (i->booted || i->state != MODEL_RUNNING)
		tell_attached(m, v); /* else: when it boots */
}

/* A fault can keep it, for its time or until it is removed. */
static bool is_stuck(const struct model *m, const struct model_attachment *a)
{
	return m->now_ms < a->stuck_until_ms && faults_find(m->faults, a->stuck_by);
}

static void get_stuck(struct model *m, struct model_volume *v)
{
	const struct fault *f = inside_fault(m, FAULT_AT_DETACH, v->id);

	if (!f)
		return;
	v->attachment.busy = f->kind == FAULT_STUCK_BUSY;
	v->attachment.stuck_by = f->number;
	v->attachment.stuck_until_ms = f->for_ms ? m->now_ms + f->for_ms : INT64_MAX;
}

static void ask_again(struct model *m, struct model_volume *v)
{
	v->attachment.due_ms = m->now_ms + RETRY_MS;
	agenda_put(&m->agenda, v->attachment.due_ms, EVENT_DETACHED, v->id);
}

void attachment_detached(struct model *m, const char *id, int64_t due_ms)
{
	struct model_volume *v = index_find(&m->volumes, id);
	int64_t accepted_ms;
	char from[MODEL_ID_SIZE];
	bool again;

	if (!v || v->attachment.state != MODEL_DETACHING || v->attachment.due_ms != due_ms)
		return;
	if (is_stuck(m, &v->attachment)) {
		ask_again(m, v);
		return;
	}
	if (!unplug(m, v, &again)) {
		if (again)
			ask_again(m, v);
		return;
	}
	accepted_ms = v->attachment.accepted_ms;
	text_copy(from, sizeof(from), v->attachment.instance->id);
	attachment_end(v);
	inside_effect(m, "DetachVolume", id, from, accepted_ms);
}

/* /dev/sdf, /dev/xvdbc, sdh: what EC2 takes for a device name. */
static bool is_device_name(const char *device)
{
	const char *name = text_starts_with(device, "/dev/") ? device + strlen("/dev/") : device;

	if (strlen(device) >= MODEL_DEVICE_SIZE)
		return false;
	if (text_starts_with(name, "xvd"))
		name += strlen("xvd");
	else if (text_starts_with(name, "sd"))
		name += strlen("sd");
	else
		return false;
	return islower((unsigned char)*name) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(name);
}

static bool check_device(const struct model_instance *i, const char *device, struct error *err)
{
	if (!is_device_name(device))
		return model_refuse(err, "InvalidParameterValue",
			"Value (%s) for parameter device is invalid. %s is not a valid EBS device name.",
			device, device);
	if (attachment_find_device(i, device))
		return model_refuse(err, "InvalidParameterValue",
			"Invalid value '%s' for unixDevice. Attachment point %s is already in use", device,
			device);
	if (i->volume_count >= MODEL_VOLUMES_MAX)
		return model_refuse(err, "AttachmentLimitExceeded",
			"Instance '%s' has reached its limit of %d attachments", i->id, MODEL_VOLUMES_MAX);
	return true;
}

static bool check_attach(const struct model_volume *v, const struct model_instance *i, struct error *err)
{
	if (v->attachment.state != MODEL_DETACHED)
		return model_refuse(err, "VolumeInUse", "%s is already attached to an instance", v->id);
	if (v->state != MODEL_VOLUME_AVAILABLE)
		return model_refuse(err, "IncorrectState", "Volume '%s' is in the '%s' state.", v->id,
			model_volume_state_name(v->state));
	if (i->state != MODEL_RUNNING && i->state != MODEL_STOPPED)
		return model_refuse(err, "IncorrectState", "Instance '%s' is not 'running'.", i->id);
	if (v->zone != i->zone)
		return model_refuse(err, "InvalidVolume.ZoneMismatch",
			"The volume '%s' is not in the same availability zone as instance '%s'", v->id,
			i->id);
	return true;
}

bool model_attach_volume(struct model *m, const struct model_attach_request *r, bool dry_run,
	const struct model_volume **ret, struct error *err)
{
	struct model_volume *v = index_find(&m->volumes, r->volume_id);
	struct model_instance *i = inside_instance(m, r->instance_id);
	const struct fault *elsewhere;

	if (!model_find_volume(m, r->volume_id, err) || !model_find_instance(m, r->instance_id, err))
		return false;
	if (!check_attach(v, i, err) || !check_device(i, r->device, err) || !model_commits(dry_run, err))
		return false;
	elsewhere = inside_fault(m, FAULT_AT_ATTACH, v->id);
	attachment_begin(m, v, i, elsewhere ? elsewhere->device : r->device);
	v->attachment.due_ms = inside_schedule(m, LATENCY_ATTACH, EVENT_ATTACHED, v->id);
	*ret = v;
	return true;
}

static bool check_detach(
	const struct model_volume *v, const struct model_detach_request *r, struct error *err)
{
	const struct model_attachment *a = &v->attachment;

	if (a->state == MODEL_DETACHED)
		return model_refuse(err, "IncorrectState", "Volume '%s' is in the '%s' state.", v->id,
			model_volume_state_name(v->state));
	if ((r->instance_id && strcmp(r->instance_id, a->instance->id) != 0) ||
		(r->device && strcmp(r->device, a->device) != 0))
		return model_refuse(err, "InvalidAttachment.NotFound",
			"The volume '%s' is not attached to instance '%s' as device '%s'.", v->id,
			r->instance_id ? r->instance_id : a->instance->id, r->device ? r->device : a->device);
	if (v->root && a->instance->state != MODEL_STOPPED)
		return model_refuse(err, "OperationNotPermitted",
			"Unable to detach root volume '%s' from instance '%s'", v->id, a->instance->id);
	if (v->root)
		return model_refuse(err, "UnsupportedOperation",
			"The sandbox keeps a root volume inside its machine: '%s' cannot be moved", v->id);
	if (a->state == MODEL_ATTACHING)
		return model_refuse(err, "IncorrectState", "Volume '%s' is in the 'attaching' state.", v->id);
	return true;
}

bool model_detach_volume(struct model *m, const struct model_detach_request *r, bool dry_run,
	const struct model_volume **ret, struct error *err)
{
	struct model_volume *v = index_find(&m->volumes, r->volume_id);

	if (!model_find_volume(m, r->volume_id, err))
		return false;
	if (r->instance_id && !model_find_instance(m, r->instance_id, err))
		return false;
	if (!check_detach(v, r, err) || !model_commits(dry_run, err))
		return false;
	*ret = v;
	v->attachment.forced |= r->force;
	if (v->attachment.state == MODEL_DETACHING)
		return true;
	v->attachment.state = MODEL_DETACHING;
	v->attachment.accepted_ms = m->now_ms;
	v->attachment.due_ms = inside_schedule(m, LATENCY_DETACH, EVENT_DETACHED, v->id);
	get_stuck(m, v);
	return true;
}
