/*
 * ending.h: what is kept of a rebuild that has come to its end, so that a run of thousands can tell of each of
 * them and needs memory for those only that are under way.
 */
#ifndef RUN_ENDING_H
#define RUN_ENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "journal/record.h"
#include "rebuild/rebuild.h"

struct ending {
	enum rebuild_course course;
	struct record record; /* its last; texts are the plan's, or in the arena. Without times */
	int64_t took_ms;
	int64_t outage_ms;         /* as long as clients waited; -1: the window was never opened and closed */
	const char *cause_request; /* AWS's id of the request that failed, or ""; in the arena */
	const char *cause_hint;    /* static, or NULL: what the operator can do about it */
	/* What the service itself took of the outage, as the machines measured it; 0: not done. */
	int stop_ms, unmount_ms, mount_ms, start_ms;
	uint32_t machine; /* of the fleet, or FLEET_NO_MACHINE */
	bool recorded;    /* the journal knows it */
	bool superseded;  /* it did not begin, or its machine was begun with once more since */
};

/* Of a rebuild that is over: r may be released afterwards. Who drove it fills in the rest: took_ms and machine on. */
struct ending ending_of(const struct rebuild *r, struct arena *a);
#endif
