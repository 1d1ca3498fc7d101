/* absorb.h: how sightings become the world. */
#ifndef CLOUD_ABSORB_H
#define CLOUD_ABSORB_H

#include "cloud/provider.h"
#include "cloud/world.h"

/*
 * Puts what was seen into its place in the world: instances, statuses, host keys and guests by the
 * id that blue or green already has there, volumes and addresses by the rows that are there,
 * snapshots in a row of their own. A sighting that was asked for before the one already held is
 * older news and is dropped; so is one of a thing that this world does not follow. Blueprints are
 * not kept here.
 */
void world_absorb(struct world *w, const struct sighting *s);

/* Begins to follow a thing, unseen until a sighting arrives. False if there is no room. */
bool world_follow_volume(struct world *w, const char *volume_id);
bool world_follow_address(struct world *w, const char *allocation_id);
#endif
