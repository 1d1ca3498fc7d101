/*
 * jobs.h: the provider's work under way, and how it is answered.
 *
 * A job is what a question or an effect needs until it is answered: a struct that begins with struct
 * job, on the heap. job_begin() enters it in the list; job_end() takes it out and frees it. What is
 * still in the list when the provider closes is freed without an answer.
 */
#ifndef AWS_JOBS_H
#define AWS_JOBS_H

#include <stddef.h>
#include <stdint.h>

#include "aws/calls.h"
#include "base/clock.h"
#include "cloud/provider.h"

struct job;

/* What all jobs share. */
struct jobs {
	struct calls *calls;
	struct sink sink;
	const struct clock *clock;
	const struct urgency *urgency;
	struct job *first;
};

struct job {
	struct jobs *jobs;
	struct job *next, *previous;
	void (*drop)(struct job *job); /* frees it and what it owns */
	int64_t started_ms;            /* monotonic */
};

/* Zeroed memory of that size, entered in the list. */
void *job_begin(struct jobs *jobs, size_t size, void (*drop)(struct job *job));
void job_end(struct job *job);

/* Frees all that are left. Call it after calls_close(), so that nothing answers them any more. */
void jobs_drop(struct jobs *jobs);

/* What an answer shows; all borrowed. */
struct outcome {
	const struct sighting *sightings;
	size_t count;
	const struct error *err; /* NULL: all went well */
	const char *request_id;  /* NULL: err's, or none */
};

/* Hands the answer to the sink. The job that answers goes on existing until job_end(). */
void job_answer_query(const struct job *job, const struct query *q, const struct outcome *o);
void job_answer_effect(const struct job *job, const struct effect *e, const struct outcome *o);
#endif
