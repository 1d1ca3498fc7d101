/*
 * roster.h: lists the machines of a fleet: one question for all of them, by tags or by ids, page by page.
 *
 * If it is wanted which of them fail their status checks, three more questions show that of all machines of the account
 * and region: those whose instance check, whose system check, and whose check of attached volumes is `impaired`. They
 * are few, so that costs three calls for any number of machines. DescribeInstanceStatus has filters for these words,
 * each for one of the checks, and none for tags; without IncludeAllInstances it shows what runs (EC2 API reference).
 * `initializing` and `insufficient-data` are no failures.
 */
#ifndef AWS_ROSTER_H
#define AWS_ROSTER_H

#include "aws/jobs.h"

/* Answers a QUERY_FLEET with one sighting. */
void roster_begin(struct jobs *jobs, const struct query *q);
#endif
