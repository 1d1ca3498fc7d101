/*
 * survey.h: how instances were launched (QUERY_BLUEPRINT), which no single action tells. First
 * DescribeInstances for all of them; then at the same time DescribeVolumes for their root volumes,
 * DescribeInstanceCreditSpecifications for those with CPU credits, and three attributes of each that
 * DescribeInstances leaves out.
 */
#ifndef AWS_SURVEY_H
#define AWS_SURVEY_H

#include <stddef.h>

#include "aws/jobs.h"
#include "cloud/provider.h"

enum { SURVEY_MAX = 200 }; /* instances at once: the values of one filter */

/* Answers count QUERY_BLUEPRINTs. Copies them. */
void survey_begin(struct jobs *jobs, const struct query *queries, size_t count);
#endif
