/* doing.h: one effect under way: sent as the call of its deed (aws/deeds.h), and answered by what came of that. */
#ifndef AWS_DOING_H
#define AWS_DOING_H

#include <stdint.h>

#include "aws/jobs.h"

/* It was decided on at decided_ms (monotonic): what changes something is not sent long after that. Copies e. */
void doing_begin(struct jobs *jobs, const struct effect *e, int64_t decided_ms);

/* Answers e, which the job is about, with the error. */
void doing_fail(const struct job *job, const struct effect *e, const struct error *err);
#endif
