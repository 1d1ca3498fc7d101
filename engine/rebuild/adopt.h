/*
 * adopt.h: going on with a rebuild that no journal of ours tells of. What its tags say is enough:
 *
 *	blue       changeover:rebuild, role blue: under way; restoring: on the way back; retired: over
 *	volume N   changeover:rebuild, role data.N
 *	green      changeover:rebuild, role green
 *
 * First everything is looked at; then, if the tags name another journal, ours is written there
 * (claim.h), the other engine is given time to see it, and everything is looked at again.
 */
#ifndef REBUILD_ADOPT_H
#define REBUILD_ADOPT_H

#include "rebuild/step.h"

/* Blue was seen for the first time: becomes the rebuild that blue's tags tell of, if they do. */
void adopt_blue(struct rebuild *r);

/* When green was confirmed, as the tags of a kept blue say; those of an earlier rebuild do not count. 0: never. */
int64_t adopt_confirmed_ms(const struct rebuild *r);

/* Blue's tags tell of another rebuild, which has not come to its end, or whose blue is kept. */
bool adopt_tells_of_another(const struct rebuild *r);

/*
 * ... and the one that our journal tells of gives way. Either it has moved nothing yet, or it had come to its end,
 * although that could not be written into the journal any more: nobody begins another one in its midst (claim.h).
 */
bool adopt_is_displaced(const struct rebuild *r);

/* Once everything was looked at, it goes back: somebody has begun that before. */
void adopt_way_back(struct rebuild *r);

/*
 * Takes in the volumes that carry the rebuild's tag. If some do not, another engine that began at the same
 * moment has written, or writes, over it, and nothing was moved yet: they are where the plan says.
 */
void adopt_volumes(struct rebuild *r, const struct answer *a);

/* Writes our journal into the tags, if another one stands there; otherwise waits for calls that are under way. */
void adopt_claim(struct rebuild *r, struct moment now, struct effects *out);

/* True while the other engine is given time; forgets what was seen when that is over. */
bool adopt_is_settling(struct rebuild *r, struct moment now);

/* Nothing of the claiming is left to be done. */
bool adopt_is_done(const struct rebuild *r, struct moment now);
#endif
