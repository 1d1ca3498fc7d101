/*
 * fault_page.h: /_sandbox/faults: GET shows what is to go wrong and how often it has, POST adds the
 * lines of its body (all or, if one is wrong, none), DELETE takes all away, or with /N that one.
 */
#ifndef SANDBOX_API_FAULT_PAGE_H
#define SANDBOX_API_FAULT_PAGE_H

#include "sandbox/api/api.h"
#include "sandbox/api/signature.h"
#include "sandbox/model/model.h"

struct fault_page {
	struct model *model; /* borrowed */
	bool ssh;            /* SSH passes through the sandbox: faults of it can be played */
};

/* False if the path is another one. */
bool fault_page_answer(const struct fault_page *p, const struct signed_request *r, struct api_reply *ret);

/* Adds the faults of lines; name stands for their file in what is said about them. */
bool fault_page_add(
	const struct fault_page *p, const char *name, const char *lines, struct error *err) MUST_USE;
#endif
