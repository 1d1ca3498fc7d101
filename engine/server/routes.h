/* routes.h: which request means what. */
#ifndef SERVER_ROUTES_H
#define SERVER_ROUTES_H

#include "server/request.h"

struct route {
	const char *method;
	const char *path; /* {} stands for one piece, the name of a lock */
	enum metrics_protocol protocol;

	/*
	 * Reads the request into r->ask. False: the answer is there already, and nothing is to be decided.
	 * NULL: there is nothing to read or to decide.
	 */
	bool (*read)(struct request *r);

	/* Words the decision; without `read`, whatever is to be shown. May be called again with another one. */
	void (*answer)(struct request *r, const struct lock_decision *d);

	/* Words that the store failed: text says what that means. */
	void (*failed)(struct request *r, const char *text);
};

/* NULL ends it. */
extern const struct route *const routes[];

/*
 * Finds the request's route, and puts it and the name in its path into r. False: there is none, and the answer
 * (404 or 405) is there.
 */
bool routes_find(struct request *r) MUST_USE;
#endif
