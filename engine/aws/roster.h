/* roster.h: lists the machines of a fleet: one question for all of them, by tags or by ids, page by page. */
#ifndef AWS_ROSTER_H
#define AWS_ROSTER_H

#include "aws/jobs.h"

/* Answers a QUERY_FLEET with one sighting. */
void roster_begin(struct jobs *jobs, const struct query *q);
#endif
