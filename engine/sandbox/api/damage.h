/*
 * damage.h: what a fault does to one call: whether it takes effect, and what becomes of its reply.
 *
 * Calling order: damage_question() and damage_find() once the parameters are read; damage_refuse()
 * instead of carrying the call out, if its row says FAULT_EFFECT_NONE; damage_reply() at the end.
 * A call that nothing happens to has the fault FAULT_NONE and goes the same way.
 */
#ifndef SANDBOX_API_DAMAGE_H
#define SANDBOX_API_DAMAGE_H

#include "sandbox/api/api.h"
#include "sandbox/api/request.h"
#include "sandbox/model/faults.h"

/* What is asked of the faults about this call; about a dry run, nothing. Lives in the request's arena. */
struct fault_question damage_question(const struct request *r);

/* Nothing happens to the call. */
extern const struct fault damage_none;

/* The fault that happens to it, or damage_none. Borrowed until faults are removed. */
const struct fault *damage_find(const struct request *r, const struct fault_question *q);

/* Refuses a call that is to do nothing, even if nobody will hear of it. Always returns false. */
bool damage_refuse(const struct fault *f, const struct fault_question *q, struct error *err);

/* What has become of a call that was carried out; the reply is whole, as the client was to see it. */

void damage_reply(const struct fault *f, struct api_reply *reply);
#endif
