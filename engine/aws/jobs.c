#include "aws/jobs.h"

#include <stdlib.h>

#include "base/alloc.h"

void *job_begin(struct jobs *jobs, size_t size, void (*drop)(struct job *job))
{
	struct job *job = alloc_zeroed(1, size);

	*job = (struct job){
		.jobs = jobs,
		.next = jobs->first,
		.drop = drop,
		.started_ms = clock_mono_ms(jobs->clock),
	};
	if (jobs->first)
		jobs->first->previous = job;
	jobs->first = job;
	return job;
}

void job_end(struct job *job)
{
	if (job->previous)
		job->previous->next = job->next;
	else
		job->jobs->first = job->next;
	if (job->next)
		job->next->previous = job->previous;
	job->drop(job);
}

void jobs_drop(struct jobs *jobs)
{
	while (jobs->first)
		job_end(jobs->first);
}

static void answer(const struct job *job, struct answer *a, const struct outcome *o)
{
	static const struct error WELL = ERROR_INIT;

	a->sightings = o->sightings;
	a->sighting_count = o->count;
	a->err = o->err ? o->err : &WELL;
	a->request_id = o->request_id ? o->request_id : a->err->request_id ? a->err->request_id : "";
	a->took_ms = clock_mono_ms(job->jobs->clock) - job->started_ms;
	job->jobs->sink.answered(job->jobs->sink.self, a);
}

void job_answer_query(const struct job *job, const struct query *q, const struct outcome *o)
{
	struct answer a = { .subject = q->subject, .query = q->kind, .id = q->id, .token = "" };

	answer(job, &a, o);
}

void job_answer_effect(const struct job *job, const struct effect *e, const struct outcome *o)
{
	struct answer a = {
		.subject = e->subject,
		.is_effect = true,
		.effect = e->kind,
		.token = e->token,
		.id = "",
	};

	answer(job, &a, o);
}
