#include "server/fdlm_admin.h"

#include <string.h>

#include "server/fdlm_words.h"

enum { EVENTS_SHOWN = 200 };

static bool allowed(struct request *r)
{
	return request_is_by_administrator(r) ||
	       fdlm_refuse(r, 401, 0, "administration needs the administrators' password, no certificate");
}

static bool read_request(struct request *r, enum lock_act act)
{
	fdlm_ask(r, act, NULL, "administrator");
	return allowed(r);
}

static bool read_show(struct request *r)
{
	return read_request(r, LOCK_SHOW);
}

static bool read_destroy(struct request *r)
{
	return read_request(r, LOCK_DELETE);
}

/* The members of the lock in the body: {"dlmlock": {...}}, or, as Foreman takes it too, without that. */
static bool read_body(struct request *r, json_t **document, const json_t **lock)
{
	auto_error err = ERROR_INIT;

	if (!json_read(r->question.body, r->question.body_len, document, &err))
		return fdlm_refuse(r, 400, 0, err.message);
	*lock = json_object_get(*document, "dlmlock");
	if (!json_is_object(*lock))
		*lock = *document;
	return true;
}

static bool read_create(struct request *r)
{
	json_auto_t *document = NULL;
	const json_t *lock;
	const char *name;

	if (!read_request(r, LOCK_CREATE) || !read_body(r, &document, &lock))
		return false;
	name = json_string_value(json_object_get(lock, "name"));
	if (!name || !request_name_is_fit(name) || strchr(name, '/'))
		return fdlm_refuse(r, 422, 0, "name must be a text of 1 to 255 bytes without slashes");
	r->ask.name = arena_copy(r->arena, name);
	r->ask.may_be_id = false;
	return true;
}

static bool read_update(struct request *r)
{
	json_auto_t *document = NULL;
	const json_t *lock, *enabled, *name;

	if (!read_request(r, LOCK_SHOW) || !read_body(r, &document, &lock))
		return false;
	enabled = json_object_get(lock, "enabled");
	name = json_object_get(lock, "name");
	if (name && (!json_is_string(name) || strcmp(json_string_value(name), r->name) != 0))
		return fdlm_refuse(r, 422, 0, "a lock keeps its name: machines would make the old one anew");
	if (enabled && !json_is_boolean(enabled))
		return fdlm_refuse(r, 422, 0, "enabled must be true or false");
	if (enabled)
		r->ask.act = json_is_true(enabled) ? LOCK_ENABLE : LOCK_DISABLE;
	return true;
}

static void answer(struct request *r, const struct lock_decision *d)
{
	switch (d->verdict) {
	case LOCK_GRANTED:
		request_answer(r, r->ask.act == LOCK_CREATE ? 201 : 200,
			d->lock ? fdlm_lock_json(d->lock, lock_first_holder(d->lock), NULL) : json_object());
		return;
	case LOCK_IN_USE:
		fdlm_refuse(r, 412, d->lock->id,
			arena_printf(
				r->arena, "lock %s is held by %s", d->lock->name, d->lock->holders[0].name));
		return;
	case LOCK_EXISTS:
		fdlm_refuse(r, 422, d->lock->id, "a lock of that name is there already");
		return;
	case LOCK_MISSING:
	case LOCK_TOO_MANY:
	case LOCK_FULL:
	case LOCK_NOT_HOLDER:
	case LOCK_IS_DISABLED:
	case LOCK_VERDICT_COUNT:
		fdlm_refuse_verdict(r, d->verdict);
		return;
	}
}

/* Foreman's lists come with how many there are; ours are one page. */
static void answer_list(struct request *r, json_t *results)
{
	json_int_t total = (json_int_t)json_array_size(results);

	request_answer(r, 200,
		json_pack("{s:I,s:I,s:i,s:I,s:o}", "total", total, "subtotal", total, "page", 1, "per_page",
			total, "results", results));
}

static void answer_locks(struct request *r, const struct lock_decision *d)
{
	const struct lock_table *t = &r->store->table;
	json_t *results;

	(void)d;
	if (!allowed(r))
		return;
	results = json_array();
	for (size_t i = 0; i < t->count; i++)
		json_array_append_new(
			results, fdlm_lock_json(t->locks[i], lock_first_holder(t->locks[i]), NULL));
	answer_list(r, results);
}

static void add_event(void *self, const struct holding_event *e)
{
	json_t *event = fdlm_event_json(e);

	if (event)
		json_array_append_new(self, event);
}

static void answer_events(struct request *r, const struct lock_decision *d)
{
	struct holding_event_sink sink = { .event = add_event, .most = EVENTS_SHOWN };
	auto_error err = ERROR_INIT;
	json_t *results;

	if (d->verdict == LOCK_MISSING) {
		answer(r, d);
		return;
	}
	sink.self = results = json_array();
	if (holding_events(r->store->journal, d->lock->id, &sink, &err)) {
		answer_list(r, results);
		return;
	}
	json_decref(results);
	fdlm_failed(r, "the events could not be read");
}

const struct route fdlm_admin_list = {
	.method = "GET",
	.path = "/api/dlmlocks",
	.protocol = METRICS_ADMINISTRATION,
	.answer = answer_locks,
	.failed = fdlm_failed,
};

const struct route fdlm_admin_show = {
	.method = "GET",
	.path = "/api/dlmlocks/{}",
	.protocol = METRICS_ADMINISTRATION,
	.read = read_show,
	.answer = answer,
	.failed = fdlm_failed,
};

const struct route fdlm_admin_create = {
	.method = "POST",
	.path = "/api/dlmlocks",
	.protocol = METRICS_ADMINISTRATION,
	.read = read_create,
	.answer = answer,
	.failed = fdlm_failed,
};

const struct route fdlm_admin_update = {
	.method = "PUT",
	.path = "/api/dlmlocks/{}",
	.protocol = METRICS_ADMINISTRATION,
	.read = read_update,
	.answer = answer,
	.failed = fdlm_failed,
};

const struct route fdlm_admin_destroy = {
	.method = "DELETE",
	.path = "/api/dlmlocks/{}",
	.protocol = METRICS_ADMINISTRATION,
	.read = read_destroy,
	.answer = answer,
	.failed = fdlm_failed,
};

const struct route fdlm_admin_events = {
	.method = "GET",
	.path = "/api/dlmlocks/{}/dlmlock_events",
	.protocol = METRICS_ADMINISTRATION,
	.read = read_show,
	.answer = answer_events,
	.failed = fdlm_failed,
};
