/*
 * provider.h: what the loop needs of the outside. The real ones are aws and guest; the simulator
 * brings its own. Chosen in one place (run).
 *
 * Calling order: observe() and act() return at once. Every query and every effect is answered
 * exactly once, later, through the sink that the provider was made with, from the same thread;
 * never from inside observe() or act(). An answer shows sightings, an error, or (an effect that
 * failed after it took hold) both.
 */
#ifndef CLOUD_PROVIDER_H
#define CLOUD_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cloud/blueprint.h"
#include "cloud/effect.h"
#include "cloud/listed.h"
#include "cloud/world.h"

enum query_kind {
	QUERY_INSTANCE,           /* id: DescribeInstances */
	QUERY_LAUNCHED,           /* id: client token; finds a launch whose answer was lost */
	QUERY_OF_REBUILD,         /* id: rebuild; the instances that carry its tag */
	QUERY_VOLUMES_OF_REBUILD, /* id: rebuild; the volumes that carry its tag */
	QUERY_REPLACED,           /* id: instance; what was launched in its place, by tag */
	QUERY_BLUEPRINT,    /* id: instance; the instance and its blueprint: attributes and root volume too */
	QUERY_STATUS,       /* id: instance */
	QUERY_HOST_KEYS,    /* id: instance; GetConsoleOutput */
	QUERY_IMAGE,        /* id: image */
	QUERY_NEWEST_IMAGE, /* tag: owner and name pattern; the newest available one by creation date */
	QUERY_VOLUME,       /* id: volume */
	QUERY_SNAPSHOTS,    /* id: volume; all of ours that were taken of it, any rebuild */
	QUERY_ADDRESS,      /* id: allocation */
	QUERY_ADDRESSES_OF, /* id: instance; all that point to it */
	QUERY_VOLUME_BY_TAG,    /* id: instance, tag: the volumes attached to it that carry the tag */
	QUERY_TAGGED_INSTANCES, /* id: key; all that carry a tag of that key, whatever its value */
	QUERY_TAGGED_VOLUMES,   /* likewise */
	QUERY_TAGGED_SNAPSHOTS, /* likewise, as far as the account owns them */
	QUERY_ALL_ADDRESSES,    /* of the account and region */
	QUERY_FLEET,            /* selector: all that are meant, in one list */
	QUERY_GUEST,            /* guest: probe over SSH, reads only */
	QUERY_KIND_COUNT,
};

struct query {
	enum query_kind kind;
	uint32_t subject; /* which rebuild of the run: copied into the answer */
	char id[CLOUD_TOKEN_SIZE];
	struct tag tag;                  /* borrowed until the answer */
	const struct guest_order *guest; /* borrowed until the answer */
	const struct selector *selector; /* borrowed until the answer */
};

enum sighting_kind {
	SIGHTING_INSTANCE,
	SIGHTING_BLUEPRINT,
	SIGHTING_STATUS,
	SIGHTING_HOST_KEYS,
	SIGHTING_IMAGE,
	SIGHTING_VOLUME,
	SIGHTING_SNAPSHOT,
	SIGHTING_ADDRESS,
	SIGHTING_GUEST,
	SIGHTING_VERDICT,
	SIGHTING_FLEET,
};

/*
 * One thing seen. asked_ms inside is the monotonic time at which the question was sent: what it
 * shows was so then or later. A thing that was asked for by id and not shown comes as *_UNSEEN.
 */
struct sighting {
	enum sighting_kind kind;
	union {
		struct instance instance;
		struct blueprint blueprint; /* its texts are valid during the call only */
		struct status status;
		struct host_keys host_keys;
		struct image image;
		struct volume volume;
		struct snapshot snapshot;
		struct address address;
		struct guest guest;
		struct verdict verdict;
		struct {
			const struct listed *machines; /* valid during the call only */
			size_t count;
		} fleet;
	};
};

struct answer {
	uint32_t subject;
	bool is_effect;
	enum query_kind query;   /* if !is_effect */
	const char *id;          /* the query's id */
	enum effect_kind effect; /* if is_effect */
	const char *token;       /* the effect's token */
	const struct sighting *sightings;
	size_t sighting_count;
	const struct error *err; /* kind ERROR_NONE if all went well; never NULL */
	const char *request_id;  /* AWS's; "" for guests */
	int64_t took_ms;
};

struct sink {
	void *self;
	void (*answered)(void *self, const struct answer *a); /* everything in a is borrowed for the call */
};

struct provider {
	void *self;
	/* Starts looking; queries of one call are batched into as few requests as the API allows. */
	void (*observe)(void *self, const struct query *queries, size_t count);
	/* Starts doing one effect. */
	void (*act)(void *self, const struct effect *e);
	/* Nothing more is asked of that machine for now: what is kept open for it may be closed. Optional. */
	void (*rest)(void *self, const char *instance_id);
};
#endif
