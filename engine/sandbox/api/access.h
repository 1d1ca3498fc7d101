/* access.h: who may call: one access key, every request signed with it, within EC2's clock limits. */
#ifndef SANDBOX_API_ACCESS_H
#define SANDBOX_API_ACCESS_H

#include "base/error.h"
#include "base/secret.h"
#include "sandbox/api/reply.h"
#include "sandbox/api/signature.h"

struct access {
	const char *access_key;
	const struct secret *secret;
	const char *region;
	enum dialect dialect; /* which service is called: they word refusals differently */
	int64_t wall_ms;      /* the time now */
};

/* Refuses with the code and message that the service has for it; *ret holds what was claimed all the same. */
bool access_check(const struct access *a, const struct signed_request *r, struct signature_claim *ret,
	struct error *err) MUST_USE;
#endif
