#include "aws/roster.h"

#include <stdlib.h>
#include <string.h>

#include "aws/elements.h"
#include "aws/lookup.h"
#include "aws/pages.h"
#include "aws/parameters.h"
#include "base/alloc.h"
#include "cloud/tags.h"

enum { PAGE_SIZE = 1000 };

struct roster {
	struct job job;
	struct query query;
	struct arena arena; /* the list's texts */
	struct listed *machines;
	size_t count, room;
	size_t asked;     /* how many of the selector's ids were asked about */
	size_t round;     /* which question is under way */
	const char **ill; /* owned: ids of all instances whose checks fail, wanted or not */
	size_t ill_count, ill_room;
};

/* The questions, one after the other. */
struct round {
	enum action_id action;
	const char *check; /* the filter that shows those whose check fails; NULL: the machines themselves */
	void (*page)(void *ctx, const struct call_reply *reply);
};

static void drop(struct job *job)
{
	struct roster *r = (struct roster *)job;

	arena_release(&r->arena);
	free(r->machines);
	free(r->ill);
	free(r);
}

/* ---- machines ---- */

static struct listed *add(struct roster *r)
{
	r->machines = alloc_room(r->machines, &r->room, r->count + 1, sizeof(*r->machines));
	return &r->machines[r->count++];
}

static const char *copy_tag(struct roster *r, const struct xml_element *item, const char *key)
{
	return key ? arena_copy(&r->arena, element_tag(item, key)) : "";
}

static void add_machine(struct roster *r, const struct xml_element *item)
{
	const struct selector *s = r->query.selector;

	*add(r) = (struct listed){
		.id = arena_copy(&r->arena, xml_text(item, "instanceId")),
		.image_id = arena_copy(&r->arena, xml_text(item, "imageId")),
		.zone = arena_copy(&r->arena, xml_text(item, "placement/availabilityZone")),
		.name = copy_tag(r, item, "Name"),
		.group = copy_tag(r, item, s->group_by),
		.order = copy_tag(r, item, s->order_by),
		.rebuild = copy_tag(r, item, TAG_REBUILD),
		.role = copy_tag(r, item, TAG_ROLE),
		.replaces = copy_tag(r, item, TAG_REPLACES),
		.state = instance_state_parse(xml_text(item, "instanceState/name")),
	};
}

static void on_machines(void *ctx, const struct call_reply *reply)
{
	const struct xml_element *o = element_items(reply->root, "reservationSet"), *item;

	for (; o; o = xml_next(o))
		for (item = element_items(o, "instancesSet"); item; item = xml_next(item))
			add_machine(ctx, item);
}

static void write_tags(const struct selector *s, struct text *form)
{
	for (size_t i = 0; i < s->tag_count; i++)
		parameters_add_tag_filter(form, i + 1, &s->tags[i]);
}

/* As many of the ids as one filter takes. */
static void write_ids(struct roster *r, struct text *form)
{
	const struct selector *s = r->query.selector;
	size_t number = 0;

	parameters_add_filter(form, 1, "instance-id", NULL);
	while (r->asked < s->id_count && number < LOOKUP_FILTER_VALUES)
		parameters_add_filter_value(form, 1, ++number, s->ids[r->asked++]);
}

/* ---- status checks ---- */

static void add_ill(struct roster *r, const char *id)
{
	r->ill = alloc_room(r->ill, &r->ill_room, r->ill_count + 1, sizeof(*r->ill));
	r->ill[r->ill_count++] = arena_copy(&r->arena, id);
}

static void on_checks(void *ctx, const struct call_reply *reply)
{
	const struct xml_element *item = element_items(reply->root, "instanceStatusSet");

	for (; item; item = xml_next(item))
		add_ill(ctx, xml_text(item, "instanceId"));
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void mark_ill(struct roster *r)
{
	if (!r->ill_count)
		return;
	qsort(r->ill, r->ill_count, sizeof(*r->ill), by_id);
	for (size_t i = 0; i < r->count; i++)
		r->machines[i].is_impaired =
			bsearch(&r->machines[i].id, r->ill, r->ill_count, sizeof(*r->ill), by_id) != NULL;
}

/* ---- round after round ---- */

static const struct round ROUNDS[] = {
	{ ACTION_DESCRIBE_INSTANCES, NULL, on_machines },
	{ ACTION_DESCRIBE_INSTANCE_STATUS, "instance-status.status", on_checks },
	{ ACTION_DESCRIBE_INSTANCE_STATUS, "system-status.status", on_checks },
	{ ACTION_DESCRIBE_INSTANCE_STATUS, "attached-ebs-status.status", on_checks },
};

/* The round that comes next; their count: none. A round goes on for as long as there are ids that it has not asked about. */
static size_t next_round(const struct roster *r)
{
	const struct selector *s = r->query.selector;

	if (!ROUNDS[r->round].check && r->asked < s->id_count)
		return r->round;
	return s->with_checks ? r->round + 1 : ARRAY_SIZE(ROUNDS);
}

static void ask(struct roster *r);

static void on_done(void *ctx, const char *request_id, const struct error *err)
{
	struct roster *r = ctx;
	const struct sighting s = { .kind = SIGHTING_FLEET, .fleet = { r->machines, r->count } };
	const struct outcome o = { .sightings = &s, .count = !err, .err = err, .request_id = request_id };

	if (!err && (r->round = next_round(r)) < ARRAY_SIZE(ROUNDS)) {
		ask(r);
		return;
	}
	mark_ill(r);
	job_answer_query(&r->job, &r->query, &o);
	job_end(&r->job);
}

static void write_filters(struct roster *r, struct text *form)
{
	const struct selector *s = r->query.selector;

	if (ROUNDS[r->round].check)
		parameters_add_filter(form, 1, ROUNDS[r->round].check, "impaired");
	else if (s->ids)
		write_ids(r, form);
	else
		write_tags(s, form);
}

static void ask(struct roster *r)
{
	const struct round *round = &ROUNDS[r->round];
	auto_text form;

	parameters_begin(&form, action_get(round->action));
	write_filters(r, &form);
	pages_read(r->job.jobs, &(struct pages_order){
					.action = round->action,
					.subject = r->query.subject,
					.form = &form,
					.page_size = PAGE_SIZE,
					.page = round->page,
					.done = on_done,
					.ctx = r,
				});
}

void roster_begin(struct jobs *jobs, const struct query *q)
{
	struct roster *r = job_begin(jobs, sizeof(*r), drop);

	r->query = *q;
	ask(r);
}
