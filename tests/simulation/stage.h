/*
 * stage.h: the truth of one history: the sandbox's model of the cloud, with virtual machines behind
 * its orders that know what is plugged in, mounted and served, and with clients that write.
 *
 * What an engine is told about it (sight.h) and what it does to it (deeds.h, commands.h) goes through
 * calls, which can fail; faults and rules use the truth itself.
 *
 * Calling order: stage_open(); stage_advance() before anything else at a new time; stage_close().
 */
#ifndef SIMULATION_STAGE_H
#define SIMULATION_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud/world.h"
#include "sandbox/model/addresses.h"
#include "sandbox/model/instances.h"
#include "sandbox/model/model.h"
#include "sandbox/model/volumes.h"

enum {
	STAGE_MACHINES_MAX = 32,
	STAGE_VOLUMES_MAX = 16,
	STAGE_ADDRESSES_MAX = 4,
	STAGE_BYSTANDER = -1, /* belongs to no rebuild: must never be touched */
	STAGE_NOWHERE = -1,
};

/* 2026-11-24 02:00 UTC: virtual time 0. */
#define STAGE_EPOCH_MS INT64_C(1795485600000)

/* A data volume, by its content. */
struct stage_volume {
	char id[CLOUD_ID_SIZE];
	int place;
	const struct model_volume *record; /* as of stage_look(); NULL: the model has none */
	int64_t writes;                    /* how many of its client's acknowledged writes it holds */
	char sentinel[CLOUD_NONCE_SIZE];
	int filesystem;    /* which filesystem is on it: another one is another number */
	bool stuck;        /* does not come off, whatever the machine does */
	bool copies_fail;  /* the next snapshot of it ends in error */
	bool other_device; /* the next attachment gets another device name than asked for */
};

struct stage_machine {
	char id[CLOUD_ID_SIZE];
	int place;
	bool green;
	bool up, serving;
	const struct model_instance *record; /* as of stage_look(); NULL: the model has none any more */
	bool sick;                           /* the service fails its checks */
	bool unreachable;                    /* SSH does not get through; the service is not concerned */
	bool impaired;                       /* EC2's status checks fail */
	bool never_boots;
	uint32_t plugged, mounted; /* bit per stage_volume */
	int host_key;              /* another number is another key */
	int64_t booted_ms;
	int boots;
	int64_t hurt_ms;  /* when a fault last struck it; 0: never */
	bool passed;      /* its checks passed since the service was started */
	uint32_t running; /* commands that are under way on it, which others wait for */
};

struct stage_address {
	char allocation_id[CLOUD_ID_SIZE];
	char public_ip[CLOUD_ADDRESS_SIZE];
	int place;
	int machine; /* where the traffic goes, or STAGE_NOWHERE */
};

/* Who uses the service of one place. */
struct stage_client {
	int address;      /* index, or STAGE_NOWHERE: goes to whatever machine of the place serves */
	int64_t acked;    /* writes that were acknowledged */
	bool automounts;  /* its blue mounts and serves by itself when it boots */
	bool starts_once; /* its start command fails if the service runs already */
};

struct stage {
	struct model *model;
	int64_t now_ms; /* virtual time since the beginning */
	struct stage_machine machines[STAGE_MACHINES_MAX];
	size_t machine_count;
	struct stage_volume volumes[STAGE_VOLUMES_MAX];
	size_t volume_count;
	struct stage_address addresses[STAGE_ADDRESSES_MAX];
	size_t address_count;
	struct stage_client clients[STAGE_ADDRESSES_MAX]; /* by place */
	size_t client_count;
	int64_t written_ms;     /* when clients last wrote */
	bool changed;           /* by a request, or by itself, since stage_look(); requests set it */
	bool plugged_something; /* a disk appeared since the last look; the caller clears it */
	char watched_snapshot[MODEL_ID_SIZE];
	const struct model_snapshot *watched; /* as of stage_look() */
	char copying[MODEL_ID_SIZE];          /* a snapshot that will fail; "" if none */
};

void stage_open(struct stage *s, uint64_t seed, const struct latency_table *latency);
void stage_advance(struct stage *s, int64_t now_ms);
void stage_close(struct stage *s);

/* Makes the records that machines and volumes point to those of now. */
void stage_look(struct stage *s);

/* All clients write through their address, if what is there serves. */
void stage_write(struct stage *s);

/* Registers what the model has made. The result stays valid. */
struct stage_machine *stage_add_machine(struct stage *s, const char *id, int place, bool green);
struct stage_volume *stage_add_volume(struct stage *s, const char *id, int place);
struct stage_address *stage_add_address(struct stage *s, const struct model_address *a, int place);

/* Each is NULL if there is none. */
struct stage_machine *stage_find_machine(struct stage *s, const char *id);
struct stage_volume *stage_find_volume(struct stage *s, const char *id);

/* The model's own records, terminated and invisible ones too; NULL if the model has forgotten them. */
struct model_instance *stage_instance(const struct stage *s, const char *id);
struct model_volume *stage_model_volume(const struct stage *s, const char *id);

/* The machine that a packet to ip reaches now, or NULL. */
struct stage_machine *stage_reach(struct stage *s, const char *ip);

/* The machine that a client of the place reaches now, or NULL. */
const struct stage_machine *stage_served_by(const struct stage *s, int place);

uint32_t stage_bit(const struct stage *s, const struct stage_volume *v);
uint32_t stage_bits_of(const struct stage *s, int place);
#endif
