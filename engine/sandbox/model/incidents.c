#include "sandbox/model/incidents.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sandbox/model/inside.h"

/* One that is due, with whom it happens to. */
struct incident {
	char id[AGENDA_ID_SIZE];
	enum fault_kind kind;
	unsigned timed; /* the number of the fault whose time it is; 0: it has fired already */
	char instance[MODEL_ID_SIZE], address[MODEL_ID_SIZE]; /* "": none */
};

static const char *find_name(const struct fault_question *q, const char *prefix)
{
	for (size_t i = 0; i < q->name_count; i++)
		if (q->names[i] && inside_is_id(q->names[i], prefix))
			return q->names[i];
	return "";
}

/* "incident-3.1": the fault's number, and how often it has fired. */
static struct incident *incident_new(struct model *m, const struct fault *f)
{
	struct incident *n = alloc_zeroed(1, sizeof(*n));

	snprintf(n->id, sizeof(n->id), "incident-%u.%" PRIu64, f->number, f->fired);
	n->kind = f->kind;
	text_copy(n->instance, sizeof(n->instance), f->instance);
	text_copy(n->address, sizeof(n->address), f->address);
	index_add(&m->incidents, n->id, n);
	return n;
}

static void schedule(struct model *m, const struct incident *n, int64_t due_ms)
{
	agenda_put(&m->agenda, due_ms, EVENT_INCIDENT, n->id);
}

void model_add_fault(struct model *m, const struct fault *f)
{
	const struct fault *added = faults_add(m->faults, f, m->now_ms);
	struct incident *n;

	if (!fault_is_timed(added))
		return;
	n = incident_new(m, added);
	n->timed = added->number;
	schedule(m, n, m->now_ms + added->from_ms);
}

/* An address that is taken goes to the instance of the line, never to the one of the call. */
void model_after_call(struct model *m, const struct fault_question *q)
{
	struct fault_question mine = *q;
	const struct fault *f;
	struct incident *n;

	if (q->point != FAULT_AT_CALL)
		return;
	mine.point = FAULT_AT_INCIDENT;
	f = faults_due(m->faults, &mine);
	if (!f)
		return;
	n = incident_new(m, f);
	if (!*n->instance && f->kind != FAULT_ADDRESS_TAKEN)
		text_copy(n->instance, sizeof(n->instance), find_name(q, "i-"));
	if (!*n->address)
		text_copy(n->address, sizeof(n->address), find_name(q, "eipalloc-"));
	schedule(m, n, m->now_ms + f->after_ms);
}

static bool die(struct model *m, const struct incident *n, struct error *err)
{
	struct model_instance *i = inside_instance(m, n->instance);

	if (!i || !i->booted)
		return error_set(err, ERROR_MISSING, "there is no machine \"%s\"", n->instance);
	i->dead = true;
	m->orders.crash(m->orders.ctx, i->id);
	return true;
}

static bool be_stopped(struct model *m, const struct incident *n, struct error *err)
{
	struct model_instance *i = inside_instance(m, n->instance);

	if (!i || i->state != MODEL_RUNNING)
		return error_set(err, ERROR_MISSING, "there is no running instance \"%s\"", n->instance);
	lifecycle_impose(m, i, MODEL_STOP, "Server.ScheduledStop",
		"Server.ScheduledStop: Stopped due to a scheduled retirement");
	return true;
}

static bool take_address(struct model *m, const struct incident *n, struct error *err)
{
	const struct model_associate_request r = { .allocation_id = n->address, .instance_id = n->instance };
	const struct model_address *a = model_find_address(m, n->address, err);

	if (!a)
		return false;
	if (*n->instance)
		return model_associate_address(m, &r, false, &a, err);
	return !a->instance || model_disassociate_address(m, a->association_id, false, err);
}

static bool change_keys(struct model *m, const struct incident *n, struct error *err)
{
	const struct model_instance *i = inside_instance(m, n->instance);

	if (!i)
		return error_set(err, ERROR_MISSING, "there is no instance \"%s\"", n->instance);
	return m->orders.change_host_keys(m->orders.ctx, i->id, err);
}

static const struct {
	enum fault_kind kind;
	bool (*carry_out)(struct model *m, const struct incident *n, struct error *err);
} DEEDS[] = {
	{ FAULT_INSTANCE_DEAD, die },
	{ FAULT_INSTANCE_STOPPED, be_stopped },
	{ FAULT_ADDRESS_TAKEN, take_address },
	{ FAULT_HOST_KEY_CHANGED, change_keys },
};

static bool carry_out(struct model *m, const struct incident *n, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(DEEDS); i++)
		if (DEEDS[i].kind == n->kind)
			return DEEDS[i].carry_out(m, n, err);
	return error_set(err, ERROR_BUG, "no deed goes with it");
}

void incident_happen(struct model *m, const char *id, int64_t due_ms)
{
	struct incident *n = index_remove(&m->incidents, id);
	auto_error err = ERROR_INIT;

	(void)due_ms;
	if (!n)
		return;
	if ((!n->timed || faults_time_has_come(m->faults, n->timed, m->now_ms)) && !carry_out(m, n, &err)) {
		error_wrap(&err, "fault %s", fault_kind_row(n->kind)->name);
		inside_trouble(m, &err);
	}
	free(n);
}

void incident_free_all(struct model *m)
{
	struct incident *n;

	for (uint64_t at = 0; (n = index_next(&m->incidents, &at));)
		free(n);
}
