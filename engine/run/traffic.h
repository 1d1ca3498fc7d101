/*
 * traffic.h: how the rebuilds of a run share what the cloud allows them; whoever sends their calls knows its
 * limits and keeps them. Each function may be NULL: then there are none.
 */
#ifndef RUN_TRAFFIC_H
#define RUN_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_traffic {
	void *self;
	/* Clients of a rebuild wait from here on, or no longer: what it asks for goes before all else. */
	void (*urge)(void *self, uint32_t subject, bool urgent);
	/* In how many ms one more machine may begin; 0: now, and it is counted as begun. */
	int64_t (*admit)(void *self);
	/* So many processes, we among them, share what the account allows: each takes its part. */
	void (*split)(void *self, unsigned parts);
	/* So many rebuilds are under way. */
	void (*crowd)(void *self, size_t rebuilds);
};
#endif
