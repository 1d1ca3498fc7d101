/*
 * guest_page.h: /_sandbox/guests/INSTANCE?line=COMMAND: runs a command on a virtual machine. The body of
 * the POST is its standard input. The answer is JSON: {"exit": 0, "out": "", "errors": ""}, or
 * {"again": true} if the command waits for something: the same is asked again then, with waited=MS.
 */
#ifndef SANDBOX_API_GUEST_PAGE_H
#define SANDBOX_API_GUEST_PAGE_H

#include <stdbool.h>

#include "sandbox/api/api.h"

/* False if the request is for another page, or if the machines are real. */
bool guest_page_answer(
	const struct api_machines *machines, const struct signed_request *r, struct api_reply *ret);
#endif
