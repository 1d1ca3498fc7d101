/*
 * throttle_page.h: /_sandbox/throttle: POST `on` gives every action full token buckets from here on, and
 * `off` takes them away: so that a scene can be set quickly in a sandbox whose limits are to be felt later.
 */
#ifndef SANDBOX_API_THROTTLE_PAGE_H
#define SANDBOX_API_THROTTLE_PAGE_H

#include <stdbool.h>

#include "sandbox/api/api.h"
#include "sandbox/api/throttle.h"

/* False if the request is for another page. *throttle is NULL while there are no buckets. */
bool throttle_page_answer(struct throttle **throttle, const struct signed_request *r, struct api_reply *ret);
#endif
