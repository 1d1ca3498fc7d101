/*
 * fake_cloud.h: one blue, one green, one volume and one address in virtual time, for driving a
 * rebuild without input or output. The truth is kept apart from what answers say; after every event
 * the safety rules are asserted on the truth.
 */
#ifndef TESTS_FAKE_CLOUD_H
#define TESTS_FAKE_CLOUD_H

#include "cloud/provider.h"
#include "rebuild/rebuild.h"

enum { FAKE_PENDING_MAX = 64, FAKE_LOG_MAX = 256, FAKE_CHAIN_MAX = 40 };

#define FAKE_HINT "renew the credentials" /* of what is denied */
#define FAKE_REQUEST "request-1"

enum fake_holder { ON_NOTHING, ON_BLUE, ON_GREEN, ON_OTHER };

struct fake_machine {
	enum instance_state state;
	int64_t runs_at_ms; /* pending until then */
	bool mounted, serving, protect, volume_dies;
	const char *public_ip; /* of its own; NULL: none */
};

/* Our tags on a thing. */
struct fake_tags {
	char rebuild[CLOUD_NAME_SIZE], role[CLOUD_ID_SIZE], found[CLOUD_REASON_SIZE];
	char journal[CLOUD_HOLDER_SIZE], replaces[CLOUD_ID_SIZE], host_key[CLOUD_REASON_SIZE];
	int64_t confirmed_ms;
};

/* Something asked for, and when its answer comes. */
struct fake_pending {
	int64_t due_ms, asked_ms;
	bool is_effect;
	struct effect effect;
	struct query query;
	struct guest_order order;
};

/* The next `times` effects of a kind fail like this, the first one with FAKE_REQUEST; KIND_COUNT: none. */
struct fake_fault {
	enum effect_kind kind;
	enum error_kind error;
	enum error_happened happened;
	int times;
};

/* Likewise for questions. */
struct fake_silence {
	enum query_kind kind;
	enum error_kind error;
	int times;
};

struct fake_cloud {
	struct rebuild *rebuild;
	int64_t now_ms;
	struct fake_machine blue, green;
	struct fake_tags blue_tags, green_tags, volume_tags;
	enum fake_holder holder, address;
	int64_t volume_free_at_ms, volume_attached_at_ms; /* 0: no change under way */
	int64_t hangs_ms;                                 /* detaching takes so much longer */
	bool shows_before;                                /* a volume that is leaving is shown as attached */
	char sentinel[CLOUD_NONCE_SIZE];
	char launch_token[CLOUD_TOKEN_SIZE];
	struct snapshot snapshots[CLOUD_SNAPSHOTS_MAX];
	size_t snapshot_count;
	bool checks_fail_on_green, blue_unreachable, green_unreachable, no_mount_on_blue;
	bool guards_may_refuse; /* else no step asks for what a guard refuses */
	bool by_hand;           /* somebody else stopped or terminated blue */
	bool blue_forgotten;    /* the cloud shows it no more */
	bool disk_unreported, disk_missing;
	const char *console;       /* host keys */
	struct blueprint print;    /* blue's */
	bool tags_copied;          /* another volume carries the same tags as ours */
	size_t tagged_volumes;     /* how many of blue's volumes carry the tag that a selector asks for */
	size_t replacements;       /* so many times in turn blue was replaced before */
	struct blueprint launched; /* what green was launched with; borrows from the rebuild */
	struct guest_order last;   /* order that a guest has carried out; likewise */
	const char *blue_image, *green_image;
	bool wrote_sentinel; /* the last quiesce found the volume mounted */
	struct fake_fault fault;
	struct fake_silence silence;
	enum query_kind slow;   /* answered four seconds later, as in a large rollout; KIND_COUNT: none */
	bool lost_means_undone; /* else what fails as HAPPENED_UNKNOWN took hold */
	size_t failures;        /* effects that were made to fail */
	struct fake_pending pending[FAKE_PENDING_MAX];
	size_t pending_count;
	enum effect_kind
		log[FAKE_LOG_MAX]; /* effects that took hold, in order, dry runs and checks left out */
	size_t log_count;
	size_t events;   /* answers delivered and waits ended */
	size_t observed; /* rounds of questions */
	size_t asked[QUERY_KIND_COUNT];
	size_t waits; /* how often it was told what is waited for */
	struct plan plan;
	struct plan_data data;
	struct plan_check check;
};

void fake_init(struct fake_cloud *f, struct rebuild *r);

/* Drives the rebuild until it is over; fails the test if it is not within a day of virtual time. */
void fake_run(struct fake_cloud *f);

/* Drives it until so many events have passed, or it is over. True if it is over. */
bool fake_run_until(struct fake_cloud *f, size_t events);

/*
 * The engine dies: answers under way are lost, and what they were about happens all the same, or not.
 * *next takes the rebuild up where the journal of the old one left it. Returns false if the old one
 * had not begun anything: then *next begins anew.
 */
bool fake_crash(struct fake_cloud *f, struct rebuild *next, bool under_way_happens);

/* Likewise, and the journal is lost with it: *next begins with another journal, and knows the tags alone. */
void fake_crash_without_journal(struct fake_cloud *f, struct rebuild *next, bool under_way_happens);

/* One event after the other until an effect of that kind has taken hold; fails the test if none does. */
void fake_run_until_effect(struct fake_cloud *f, enum effect_kind kind);

/* Somebody stops or terminates blue. */
void fake_end_blue_by_hand(struct fake_cloud *f, enum instance_state state);

size_t fake_count(const struct fake_cloud *f, enum effect_kind kind);

/* The position of the first such effect in the log, or FAKE_LOG_MAX. */
size_t fake_position(const struct fake_cloud *f, enum effect_kind kind);

/* True if blue runs, holds the volume mounted, serves, and has the address. */
bool fake_blue_serves(const struct fake_cloud *f);
bool fake_green_serves(const struct fake_cloud *f);
#endif
