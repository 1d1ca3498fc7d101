/*
 * inventory.h: everything that carries our tags, the addresses, and what the journal knows of it, seen
 * once. What an audit (audit.h) reasons about.
 *
 * Tags alone are enough: without a journal has_journal is false and there are no records.
 */
#ifndef RUN_INVENTORY_H
#define RUN_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cloud/world.h"
#include "journal/lease.h"
#include "journal/record.h"

struct asking;
struct journal;

/* A rebuild as the journal has it. */
struct known_rebuild {
	struct record record;
	struct lease_view lease;
};

struct inventory {
	struct instance *instances; /* tagged, or named by a record that has not come to its end */
	size_t instance_count;
	const char **shielded; /* ids of those that have termination protection, as far as it matters */
	size_t shielded_count;
	struct volume *volumes;
	size_t volume_count;
	struct snapshot *snapshots;
	size_t snapshot_count;
	struct address *addresses; /* all of the account and region, tagged or not */
	size_t address_count;
	struct known_rebuild *rebuilds;
	size_t rebuild_count;
	bool has_journal;
	int64_t now_ms; /* wall clock */
};

/* Where it is looked. */
struct inventory_sources {
	struct asking *asking;
	struct journal *journal; /* NULL: there is none */
	int64_t now_ms;          /* wall clock */
};

/*
 * Asks for all of it: four questions, and two more for what they make worth asking. Everything is in the
 * arena. Fails as the provider or the journal fails.
 */
bool inventory_look(const struct inventory_sources *from, struct arena *a, struct inventory *ret,
	struct error *err) MUST_USE;

/* Each returns the part, or NULL. */
const struct instance *inventory_instance(const struct inventory *in, const char *id);
const struct snapshot *inventory_snapshot(const struct inventory *in, const char *id);
const struct known_rebuild *inventory_rebuild(const struct inventory *in, const char *id);

/* Between launch and termination: it is there, running or not. */
bool inventory_is_alive(const struct instance *i);

/* As its tag changeover:found says, which stands there since before it was protected (rebuild/found.h). */
bool inventory_was_unprotected(const struct instance *i);

bool inventory_is_shielded(const struct inventory *in, const char *instance_id);
#endif
