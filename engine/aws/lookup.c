#include "aws/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/elements.h"
#include "aws/pages.h"
#include "aws/parameters.h"
#include "wire/form.h"

struct lookup {
	struct job job;
	const struct lookup_row *row;
	struct query *queries;
	size_t count;
	struct sighting *found;
	size_t found_count;
	int64_t asked_ms; /* of the first page; 0 before it */
	char newest[64];  /* newest_by of what is in found */
};

static void drop(struct job *job)
{
	struct lookup *l = (struct lookup *)job;

	free(l->queries);
	free(l->found);
	free(l);
}

static void *grown(void *array, size_t count, size_t size)
{
	void *bigger = reallocarray(array, count, size);

	if (!bigger)
		abort();
	return bigger;
}

static struct sighting *add_found(struct lookup *l)
{
	/* Doubled at each power of two. */
	if (!(l->found_count & (l->found_count - 1)))
		l->found = grown(l->found, l->found_count ? l->found_count * 2 : 1, sizeof(*l->found));
	return &l->found[l->found_count++];
}

/* True if the item is not the newest so far. Timestamps of one form sort as text. */
static bool is_outdone(struct lookup *l, const struct xml_element *item)
{
	const char *when;

	if (!l->row->newest_by)
		return false;
	when = xml_text(item, l->row->newest_by);
	if (l->found_count && strcmp(when, l->newest) <= 0)
		return true;
	text_copy(l->newest, sizeof(l->newest), when);
	l->found_count = 0;
	return false;
}

static void collect(struct lookup *l, const struct xml_element *set, int64_t asked_ms)
{
	for (const struct xml_element *item = element_items(set, l->row->set); item; item = xml_next(item))
		if (!is_outdone(l, item))
			l->row->read(item, asked_ms, add_found(l));
}

static void on_page(void *ctx, const struct call_reply *reply)
{
	struct lookup *l = ctx;
	const struct xml_element *o;

	if (!l->asked_ms)
		l->asked_ms = reply->asked_ms;
	if (!l->row->outer)
		collect(l, reply->root, reply->asked_ms);
	else
		for (o = element_items(reply->root, l->row->outer); o; o = xml_next(o))
			collect(l, o, reply->asked_ms);
}

/* Copies what is about the query to ret, which has room for all that was found. */
static size_t pick(const struct lookup *l, const struct query *q, struct sighting *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < l->found_count; i++)
		if (!l->row->is_about || l->row->is_about(&l->found[i], q))
			ret[count++] = l->found[i];
	return count;
}

static void answer(
	const struct lookup *l, const struct query *q, struct sighting *room, const char *request_id)
{
	struct outcome o = { .sightings = room, .count = pick(l, q, room), .request_id = request_id };
	auto_error err = ERROR_INIT;

	if (!o.count && l->row->unseen) {
		l->row->unseen(q, l->asked_ms, room);
		o.count = 1;
	} else if (!o.count && l->row->missing) {
		l->row->missing(q, &err);
		o.err = &err;
	}
	job_answer_query(&l->job, q, &o);
}

static void answer_all(const struct lookup *l, const char *request_id)
{
	struct sighting *room = grown(NULL, l->found_count + 1, sizeof(*room));

	for (size_t i = 0; i < l->count; i++)
		answer(l, &l->queries[i], room, request_id);
	free(room);
}

static void fail_all(const struct lookup *l, const struct error *err)
{
	for (size_t i = 0; i < l->count; i++)
		job_answer_query(&l->job, &l->queries[i], &(struct outcome){ .err = err });
}

static void on_done(void *ctx, const char *request_id, const struct error *err)
{
	struct lookup *l = ctx;
	bool missing = err && err->kind == ERROR_MISSING && l->row->list;

	if (missing && l->count > 1) {
		/* One of the list does not exist and fails all: asked one by one, the others are seen. */
		for (size_t i = 0; i < l->count; i++)
			lookup_begin(l->job.jobs, l->row, &l->queries[i], 1);
	} else if (err && !missing) {
		fail_all(l, err);
	} else {
		if (!l->asked_ms)
			l->asked_ms = l->job.started_ms;
		answer_all(l, request_id);
	}
	job_end(&l->job);
}

static bool is_repeated(const struct lookup *l, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(l->queries[i].id, l->queries[index].id))
			return true;
	return false;
}

/* Even an empty id is written: a list without ids would ask for everything there is. */
static void write_ids(const struct lookup *l, struct text *form)
{
	size_t number = 1;
	char name[64];

	if (l->row->filter)
		parameters_add_filter(form, 1, l->row->filter, NULL);
	for (size_t i = 0; i < l->count; i++) {
		if (is_repeated(l, i))
			continue;
		if (l->row->filter) {
			parameters_add_filter_value(form, 1, number++, l->queries[i].id);
		} else if (l->row->list) {
			snprintf(name, sizeof(name), "%s.%zu", l->row->list, number++);
			form_add(form, name, l->queries[i].id);
		}
	}
}

void lookup_begin(struct jobs *jobs, const struct lookup_row *row, const struct query *queries, size_t count)
{
	struct lookup *l = job_begin(jobs, sizeof(*l), drop);
	auto_text form;

	l->row = row;
	l->queries = grown(NULL, count, sizeof(*queries));
	memcpy(l->queries, queries, count * sizeof(*queries));
	l->count = count;
	parameters_begin(&form, action_get(row->action));
	write_ids(l, &form);
	if (row->write)
		row->write(&queries[0], &form);
	pages_read(jobs, &(struct pages_order){
				 .action = row->action,
				 .subject = urgency_first(jobs->urgency, queries, count),
				 .form = &form,
				 .page_size = row->page_size,
				 .page = on_page,
				 .done = on_done,
				 .ctx = l,
			 });
}
