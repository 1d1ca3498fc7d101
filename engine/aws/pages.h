/*
 * pages.h: one Describe question, followed through all its pages. EC2 may cut a page short and hand
 * out a NextToken at any time, so every list is read this way.
 */
#ifndef AWS_PAGES_H
#define AWS_PAGES_H

#include "aws/jobs.h"
#include "base/text.h"

enum { PAGES_MAX = 100 };

struct pages_order {
	enum action_id action;
	uint32_t subject;  /* whose it is, for the order of those that wait */
	struct text *form; /* taken over; the caller still releases it */
	int page_size;     /* MaxResults; 0: the question names ids, which EC2 does not let combine */
	/* For each page; the reply is borrowed. */
	void (*page)(void *ctx, const struct call_reply *reply);
	/* Once, after the last page or the first failure; err NULL: all pages were read. */
	void (*done)(void *ctx, const char *request_id, const struct error *err);
	void *ctx;
};

/* Answered later, from the loop. ctx must stay until done, or until jobs_drop(). */
void pages_read(struct jobs *jobs, const struct pages_order *o);
#endif
