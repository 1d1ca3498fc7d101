#include "aws/survey.h"

#include <stdlib.h>
#include <string.h>

#include "aws/elements.h"
#include "aws/launch.h"
#include "aws/pages.h"
#include "aws/parameters.h"
#include "base/alloc.h"

/* One instance and what is known of it so far. */
struct part {
	struct query query;
	struct instance instance;
	struct blueprint blueprint;
	char root_volume[CLOUD_ID_SIZE];
	bool seen, root_seen;
	struct error err; /* the first failure that concerns it */
};

struct survey {
	struct job job;
	struct survey_lessons *lessons;
	struct arena arena; /* the blueprints' texts */
	struct part *parts;
	size_t count;
	uint32_t subject; /* the one that goes first */
	size_t waiting;   /* questions of the second round that are not answered */
	char request_id[64];
};

static void drop(struct job *job)
{
	struct survey *s = (struct survey *)job;

	for (size_t i = 0; i < s->count; i++)
		error_release(&s->parts[i].err);
	arena_release(&s->arena);
	free(s->parts);
	free(s);
}

static void fail_part(struct part *p, const struct error *err)
{
	if (p->err.kind == ERROR_NONE)
		error_copy(&p->err, err);
}

static void fail_all(struct survey *s, const struct error *err)
{
	for (size_t i = 0; i < s->count; i++)
		fail_part(&s->parts[i], err);
}

/* A terminated instance has given up its root volume; green is never launched like it. */
static bool is_gone(const struct part *p)
{
	return p->instance.state == INSTANCE_SHUTTING_DOWN || p->instance.state == INSTANCE_TERMINATED;
}

/* What an instance must have shown, or the blueprint has a hole that green would inherit. */
static void check_part(struct part *p)
{
	if (p->err.kind != ERROR_NONE)
		return;
	if (!p->seen)
		error_set(&p->err, ERROR_MISSING, "there is no instance %s in this account and region",
			p->query.id);
	else if (!p->root_seen && !is_gone(p))
		error_set(
			&p->err, ERROR_MISSING, "the root volume of instance %s was not shown", p->query.id);
}

static void answer_part(const struct survey *s, struct part *p)
{
	const struct sighting seen[] = {
		{ .kind = SIGHTING_INSTANCE, .instance = p->instance },
		{ .kind = SIGHTING_BLUEPRINT, .blueprint = p->blueprint },
	};

	check_part(p);
	if (p->err.kind != ERROR_NONE)
		job_answer_query(&s->job, &p->query, &(struct outcome){ .err = &p->err });
	else
		job_answer_query(&s->job, &p->query,
			&(struct outcome){
				.sightings = seen, .count = ARRAY_SIZE(seen), .request_id = s->request_id });
}

static void finish(struct survey *s)
{
	for (size_t i = 0; i < s->count; i++)
		answer_part(s, &s->parts[i]);
	job_end(&s->job);
}

/* One question of the second round is answered. */
static void arrived(struct survey *s)
{
	if (!--s->waiting)
		finish(s);
}

static void on_shared_done(void *ctx, const char *request_id, const struct error *err)
{
	struct survey *s = ctx;

	(void)request_id;
	if (err)
		fail_all(s, err);
	arrived(s);
}

static void on_volumes(void *ctx, const struct call_reply *reply)
{
	struct survey *s = ctx;

	for (const struct xml_element *v = element_items(reply->root, "volumeSet"); v; v = xml_next(v)) {
		for (size_t i = 0; i < s->count; i++) {
			struct part *p = &s->parts[i];

			if (strcmp(xml_text(v, "volumeId"), p->root_volume) != 0)
				continue;
			element_root_volume(v, &s->arena, &p->blueprint);
			p->root_seen = true;
		}
	}
}

static void on_credits(void *ctx, const struct call_reply *reply)
{
	struct survey *s = ctx;
	const struct xml_element *c = element_items(reply->root, "instanceCreditSpecificationSet");

	for (; c; c = xml_next(c))
		for (size_t i = 0; i < s->count; i++)
			if (!strcmp(xml_text(c, "instanceId"), s->parts[i].query.id))
				s->parts[i].blueprint.cpu_credits =
					arena_copy(&s->arena, xml_text(c, "cpuCredits"));
}

/* The texts that one filter of the second round asks for: of one part, or NULL. */
typedef const char *part_value(const struct part *p);

static const char *root_volume_of(const struct part *p)
{
	return p->root_volume[0] ? p->root_volume : NULL;
}

static const char *id_with_credits(const struct part *p)
{
	return p->seen && launch_has_credits(p->blueprint.instance_type) ? p->query.id : NULL;
}

static const char *id_of(const struct part *p)
{
	return p->query.id;
}

struct shared {
	enum action_id action;
	const char *filter;
	part_value *value;
	int page_size;
	void (*page)(void *ctx, const struct call_reply *reply);
	void (*done)(void *ctx, const char *request_id, const struct error *err);
};

/* Asks one question for all parts that have a value; false if none has. */
static bool ask_shared(struct survey *s, const struct shared *q)
{
	auto_text form;
	size_t number = 0;

	parameters_begin(&form, action_get(q->action));
	parameters_add_filter(&form, 1, q->filter, NULL);
	for (size_t i = 0; i < s->count; i++)
		if (q->value(&s->parts[i]))
			parameters_add_filter_value(&form, 1, ++number, q->value(&s->parts[i]));
	if (!number)
		return false;
	pages_read(s->job.jobs, &(struct pages_order){
					.action = q->action,
					.subject = s->subject,
					.form = &form,
					.page_size = q->page_size,
					.page = q->page,
					.done = q->done,
					.ctx = s,
				});
	return true;
}

/* An attribute that DescribeInstances does not show. */
struct attribute {
	const char *name; /* of the attribute, and of its element there and in launch template data */
	bool may_lack;    /* it is shown only if there is one */
	void (*keep)(const char *value, struct survey *s, struct part *p);
};

static void keep_user_data(const char *value, struct survey *s, struct part *p)
{
	p->blueprint.user_data = *value ? arena_copy(&s->arena, value) : NULL;
}

static void keep_protection(const char *value, struct survey *s, struct part *p)
{
	(void)s;
	p->blueprint.termination_protected = !strcmp(value, "true");
}

static void keep_shutdown(const char *value, struct survey *s, struct part *p)
{
	p->blueprint.shutdown_behavior = *value ? arena_copy(&s->arena, value) : NULL;
}

static const struct attribute ATTRIBUTES[] = {
	{ "userData", true, keep_user_data },
	{ "disableApiTermination", false, keep_protection },
	{ "instanceInitiatedShutdownBehavior", false, keep_shutdown },
};

/* One attribute asked of one instance; lives in the survey's arena. */
struct errand {
	struct survey *survey;
	struct part *part;
	const struct attribute *attribute; /* NULL: all of them, as launch template data */
};

static void on_attribute(void *ctx, const struct call_reply *reply, const struct error *err)
{
	const struct errand *e = ctx;

	if (err)
		fail_part(e->part, err);
	else
		e->attribute->keep(
			xml_text(xml_child(reply->root, e->attribute->name), "value"), e->survey, e->part);
	arrived(e->survey);
}

static void ask_attribute(struct survey *s, struct part *p, const struct attribute *a)
{
	struct errand *e = arena_alloc(&s->arena, sizeof(*e));
	auto_text form;

	*e = (struct errand){ .survey = s, .part = p, .attribute = a };
	parameters_begin(&form, action_get(ACTION_DESCRIBE_INSTANCE_ATTRIBUTE));
	parameters_add(&form, p->query.id, "InstanceId");
	parameters_add(&form, a->name, "Attribute");
	calls_send(s->job.jobs->calls, &(struct call_order){
					       .action = ACTION_DESCRIBE_INSTANCE_ATTRIBUTE,
					       .form = &form,
					       .subject = p->query.subject,
					       .done = on_attribute,
					       .ctx = e,
				       });
	s->waiting++;
}

static void ask_attributes(struct survey *s, struct part *p)
{
	for (size_t a = 0; a < ARRAY_SIZE(ATTRIBUTES); a++)
		ask_attribute(s, p, &ATTRIBUTES[a]);
}

static void read_data(struct survey *s, struct part *p, const struct xml_element *data)
{
	for (size_t a = 0; a < ARRAY_SIZE(ATTRIBUTES); a++) {
		const struct xml_element *shown = xml_child(data, ATTRIBUTES[a].name);

		if (shown && ATTRIBUTES[a].may_lack)
			s->lessons->shows_user_data = true;
		if (shown || (ATTRIBUTES[a].may_lack && s->lessons->shows_user_data))
			ATTRIBUTES[a].keep(xml_text(data, ATTRIBUTES[a].name), s, p);
		else
			ask_attribute(s, p, &ATTRIBUTES[a]);
	}
}

static void on_data(void *ctx, const struct call_reply *reply, const struct error *err)
{
	const struct errand *e = ctx;

	if (err && (err->kind == ERROR_DENIED || error_is(err, "InvalidAction")))
		e->survey->lessons->is_refused = true;
	if (err)
		ask_attributes(e->survey, e->part);
	else
		read_data(e->survey, e->part, xml_child(reply->root, "launchTemplateData"));
	arrived(e->survey);
}

static void ask_data(struct survey *s, struct part *p)
{
	struct errand *e = arena_alloc(&s->arena, sizeof(*e));
	auto_text form;

	*e = (struct errand){ .survey = s, .part = p };
	parameters_begin(&form, action_get(ACTION_GET_LAUNCH_TEMPLATE_DATA));
	parameters_add(&form, p->query.id, "InstanceId");
	calls_send(s->job.jobs->calls, &(struct call_order){
					       .action = ACTION_GET_LAUNCH_TEMPLATE_DATA,
					       .form = &form,
					       .subject = p->query.subject,
					       .done = on_data,
					       .ctx = e,
				       });
	s->waiting++;
}

static const struct shared VOLUMES = {
	.action = ACTION_DESCRIBE_VOLUMES,
	.filter = "volume-id",
	.value = root_volume_of,
	.page_size = 500,
	.page = on_volumes,
	.done = on_shared_done,
};

static const struct shared CREDITS = {
	.action = ACTION_DESCRIBE_INSTANCE_CREDITS,
	.filter = "instance-id",
	.value = id_with_credits,
	.page_size = 1000,
	.page = on_credits,
	.done = on_shared_done,
};

static void ask_second_round(struct survey *s)
{
	s->waiting += ask_shared(s, &VOLUMES);
	s->waiting += ask_shared(s, &CREDITS);
	for (size_t i = 0; i < s->count; i++) {
		if (!s->parts[i].seen)
			continue;
		if (s->lessons->is_refused)
			ask_attributes(s, &s->parts[i]);
		else
			ask_data(s, &s->parts[i]);
	}
}

static void read_part(struct survey *s, struct part *p, const struct xml_element *item, int64_t asked_ms)
{
	element_instance(item, asked_ms, &p->instance);
	element_blueprint(item, &s->arena, &p->blueprint);
	p->seen = true;
	for (const struct xml_element *d = element_items(item, "blockDeviceMapping"); d; d = xml_next(d))
		if (!strcmp(xml_text(d, "deviceName"), xml_text(item, "rootDeviceName")))
			text_copy(p->root_volume, sizeof(p->root_volume), xml_text(d, "ebs/volumeId"));
}

static void on_instances(void *ctx, const struct call_reply *reply)
{
	struct survey *s = ctx;
	const struct xml_element *r = element_items(reply->root, "reservationSet"), *item;

	for (; r; r = xml_next(r))
		for (item = element_items(r, "instancesSet"); item; item = xml_next(item))
			for (size_t i = 0; i < s->count; i++)
				if (!strcmp(xml_text(item, "instanceId"), s->parts[i].query.id))
					read_part(s, &s->parts[i], item, reply->asked_ms);
}

static void on_instances_done(void *ctx, const char *request_id, const struct error *err)
{
	struct survey *s = ctx;

	if (err)
		fail_all(s, err);
	else
		text_copy(s->request_id, sizeof(s->request_id), request_id);
	if (!err)
		ask_second_round(s);
	if (!s->waiting)
		finish(s);
}

static const struct shared INSTANCES = {
	.action = ACTION_DESCRIBE_INSTANCES,
	.filter = "instance-id",
	.value = id_of,
	.page_size = 1000,
	.page = on_instances,
	.done = on_instances_done,
};

void survey_begin(
	struct jobs *jobs, struct survey_lessons *lessons, const struct query *queries, size_t count)
{
	struct survey *s = job_begin(jobs, sizeof(*s), drop);

	s->lessons = lessons;
	s->parts = alloc_zeroed(count, sizeof(*s->parts));
	s->count = count;
	s->subject = urgency_first(jobs->urgency, queries, count);
	for (size_t i = 0; i < count; i++)
		s->parts[i].query = queries[i];
	(void)ask_shared(s, &INSTANCES);
}
