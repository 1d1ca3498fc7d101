/*
 * api.h: HTTP requests in, HTTP replies out: the cloud's API without a network.
 *
 * Calling order: api_new() around a model; api_handle() for each request, in the order of arrival; a
 * request takes hold at once, and the caller sends the reply delay_ms later. api_free() leaves the
 * model alone.
 *
 * POST / is the API (EC2 and STS; told apart by Version). What is below /_sandbox/, unsigned, is the
 * sandbox's own: what really happened, what there is, and what is to go wrong, as JSON (pages.h).
 */
#ifndef SANDBOX_API_API_H
#define SANDBOX_API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "base/secret.h"
#include "base/text.h"
#include "sandbox/api/ledger.h"
#include "sandbox/api/request.h"
#include "sandbox/api/signature.h"
#include "sandbox/model/model.h"

struct api;

enum { API_BODY_MAX = 1024 * 1024, API_REQUEST_ID_SIZE = 37 };

struct api_options {
	struct model *model;   /* borrowed */
	struct ledger *ledger; /* borrowed */
	struct api_machines machines;
	const char *access_key;        /* borrowed */
	const struct secret *secret;   /* borrowed */
	const struct entropy *entropy; /* for request ids */
	bool throttle;                 /* EC2's token buckets */
	bool ssh_faults;               /* SSH passes through the sandbox */
};

struct api_reply {
	int status;
	const char *content_type;
	char request_id[API_REQUEST_ID_SIZE];
	struct text body; /* owned by the caller, who initialised it */
	int64_t delay_ms; /* send it this much later */
	int64_t date_ms;  /* the time in its Date header; 0: the time when it is sent */
	int64_t padding;  /* so many spaces after the body */
	bool reset;       /* send nothing: reset the connection */
};

struct api *api_new(const struct api_options *o);
void api_free(struct api *a);

/* wall_ms: the real time, for signatures; the model's own time has been advanced by the caller. */
void api_handle(struct api *a, const struct signed_request *r, int64_t wall_ms, struct api_reply *ret);
#endif
