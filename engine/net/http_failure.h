/* http_failure.h: what a failed transfer means: why, whether the request may have taken hold, what to do. */
#ifndef NET_HTTP_FAILURE_H
#define NET_HTTP_FAILURE_H

#include <curl/curl.h>

#include "base/error.h"

struct http_transfer {
	CURL *easy;
	const char *origin; /* scheme, host and port: names the server without the query */
	const char *detail; /* curl's error buffer */
	int limit_ms;
	size_t reply_cap;
	bool too_large; /* we ended it: the reply passed reply_cap */
};

/* Records the failure. Always returns false. */
bool http_explain(const struct http_transfer *t, CURLcode code, struct error *err);
#endif
