/*
 * survey.h: how instances were launched (QUERY_BLUEPRINT), which no single action tells. First
 * DescribeInstances for all of them; then at the same time DescribeVolumes for their root volumes,
 * DescribeInstanceCreditSpecifications for those with CPU credits, and for each GetLaunchTemplateData: one answer
 * with the three attributes that DescribeInstances leaves out, instead of three (DescribeInstanceAttribute).
 *
 * Whatever that answer lacks, or all if there is none, is asked for by itself. That it shows user data can be read from
 * its grammar, but AWS promises it nowhere (EC2 API reference, ResponseLaunchTemplateData): until an answer has shown
 * some, one without is not believed.
 */
#ifndef AWS_SURVEY_H
#define AWS_SURVEY_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/jobs.h"
#include "cloud/provider.h"

enum { SURVEY_MAX = 200 }; /* instances at once: the values of one filter */

/* What earlier answers have taught. Zeroed: there were none. */
struct survey_lessons {
	bool is_refused; /* launch template data is: we have no permission, or the endpoint does not know it */
	bool shows_user_data; /* it does */
};

/* Answers count QUERY_BLUEPRINTs. Copies them. The lessons must outlive the jobs. */
void survey_begin(
	struct jobs *jobs, struct survey_lessons *lessons, const struct query *queries, size_t count);
#endif
