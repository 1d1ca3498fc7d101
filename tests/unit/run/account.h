/*
 * account.h: an account with what rebuilds left in it, put together by a test piece by piece, and the
 * inventory of it. Ids: rebuild rb-1 with i-blue, i-green, vol-1 and the address eip-1 unless said otherwise.
 */
#ifndef TESTS_RUN_ACCOUNT_H
#define TESTS_RUN_ACCOUNT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "run/audit/audit.h"

enum { THINGS_MAX = 32 };
#define NOW_MS INT64_C(1795312800000) /* 2026-11-22T02:00:00Z */

struct account {
	struct instance instances[THINGS_MAX];
	struct volume volumes[THINGS_MAX];
	struct snapshot snapshots[THINGS_MAX];
	struct address addresses[THINGS_MAX];
	struct known_rebuild rebuilds[THINGS_MAX];
	const char *shielded[THINGS_MAX];
	struct inventory in;
	struct audit_options options;
	struct arena arena;
	struct findings found;
};

static inline void account_init(struct account *a)
{
	*a = (struct account){ .arena = ARENA_INIT };
	a->in = (struct inventory){ .instances = a->instances,
		.volumes = a->volumes,
		.snapshots = a->snapshots,
		.addresses = a->addresses,
		.rebuilds = a->rebuilds,
		.shielded = a->shielded,
		.now_ms = NOW_MS };
}

static inline int make_account(void **state)
{
	static struct account a;

	account_init(&a);
	*state = &a;
	return 0;
}

static inline int drop_account(void **state)
{
	arena_release(&((struct account *)*state)->arena);
	return 0;
}

#define SET(field, value) text_copy((field), sizeof(field), (value))

static inline struct instance *add_instance(
	struct account *a, const char *id, const char *role, enum instance_state state)
{
	struct instance *i = &a->instances[a->in.instance_count++];

	*i = (struct instance){ .asked_ms = 1, .state = state, .launched_ms = NOW_MS - 60000 };
	SET(i->id, id);
	SET(i->rebuild, "rb-1");
	SET(i->role, role);
	SET(i->root_device, "/dev/xvda");
	SET(i->devices[0].name, "/dev/xvda");
	SET(i->devices[0].volume_id, "vol-root");
	i->device_count = 1;
	return i;
}

/* A data volume; holder "": attached to nothing. */
static inline struct volume *add_data(struct account *a, const char *id, const char *holder)
{
	struct volume *v = &a->volumes[a->in.volume_count++];

	*v = (struct volume){ .asked_ms = 1, .state = *holder ? VOLUME_IN_USE : VOLUME_AVAILABLE };
	v->attachment = *holder ? ATTACHMENT_ATTACHED : ATTACHMENT_NONE;
	SET(v->id, id);
	SET(v->rebuild, "rb-1");
	SET(v->role, "data");
	SET(v->found, "/dev/sdf kept on termination");
	SET(v->device, "/dev/sdf");
	SET(v->instance_id, holder);
	return v;
}

static inline struct snapshot *add_snapshot(struct account *a, const char *id, int64_t started_ms)
{
	struct snapshot *s = &a->snapshots[a->in.snapshot_count++];

	*s = (struct snapshot){ .asked_ms = 1, .state = SNAPSHOT_COMPLETED, .started_ms = started_ms };
	SET(s->id, id);
	SET(s->rebuild, "rb-1");
	SET(s->volume_id, "vol-1");
	return s;
}

static inline struct address *add_address(struct account *a, const char *instance_id)
{
	struct address *it = &a->addresses[a->in.address_count++];

	*it = (struct address){ .asked_ms = 1 };
	SET(it->allocation_id, "eip-1");
	SET(it->public_ip, "192.0.2.1");
	SET(it->instance_id, instance_id);
	return it;
}

/* The journal knows rb-1, in that state, since an hour; nobody holds its lease. */
static inline struct known_rebuild *add_record(struct account *a, enum record_state state)
{
	struct known_rebuild *k = &a->rebuilds[a->in.rebuild_count++];

	a->in.has_journal = true;
	*k = (struct known_rebuild){ .record = { .id = "rb-1",
					     .plan_name = "acme",
					     .plan_path = "acme.yaml",
					     .plan_digest = "",
					     .blue = "i-blue",
					     .green = "i-green",
					     .image_from = "",
					     .image_to = "",
					     .volumes = "[\"vol-1\"]",
					     .addresses = "[\"192.0.2.1\"]",
					     .cause = "",
					     .state = state,
					     .created_ms = NOW_MS - 7200000,
					     .updated_ms = NOW_MS - 3600000 } };
	return k;
}

static inline void hold_lease(struct known_rebuild *k, enum lease_state state)
{
	k->lease = (struct lease_view){ .state = state, .renewed_ms = NOW_MS - 600000 };
	SET(k->lease.who, "bert@far pid 7");
}

/* A blue that was put back, with its data and its address. */
static inline struct instance *add_rolled_back(struct account *a)
{
	struct instance *blue = add_instance(a, "i-blue", "restored", INSTANCE_RUNNING);

	SET(blue->found, "unprotected");
	add_data(a, "vol-1", "i-blue");
	add_address(a, "i-blue");
	return blue;
}

/* The plan of rb-1 was named. */
static inline void name_plan(struct account *a)
{
	a->options = (struct audit_options){ .plan_name = "acme",
		.plan_path = "acme.yaml",
		.keep_ms = 24 * INT64_C(3600000),
		.snapshots_kept = 2 };
}

static inline const struct finding *finding_of(struct account *a, const char *name)
{
	audit(&a->in, &a->options, &a->arena, &a->found);
	return findings_find(&a->found, name);
}

/* Asserts that these, and no others, are found: names separated by spaces, most urgent first. */
static inline void finds(struct account *a, const char *names)
{
	auto_text found;

	text_init(&found, 4096);
	audit(&a->in, &a->options, &a->arena, &a->found);
	for (size_t i = 0; i < a->found.count; i++)
		text_addf(&found, "%s%s", i ? " " : "", finding_name(&a->found.items[i], &a->arena));
	if (strcmp(found.bytes, names) != 0)
		fail_msg("found `%s` instead of `%s`", found.bytes, names);
}

static inline void speaks(const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("`%s` does not say `%s`", text ? text : "(nothing)", part);
}
#endif
