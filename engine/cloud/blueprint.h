/*
 * blueprint.h: how blue was launched, so that green can be launched the same way, and what of it
 * the plan changes. Lists and texts are borrowed from the arena that the blueprint was read into.
 */
#ifndef CLOUD_BLUEPRINT_H
#define CLOUD_BLUEPRINT_H

#include <stdbool.h>
#include <stddef.h>

struct tag {
	const char *key, *value;
};

/* Absent texts are NULL: then the request leaves the parameter out. */
struct blueprint {
	const char *instance_id; /* blue: whom this describes */
	const char *instance_type, *architecture;
	const char *zone, *subnet_id;
	const char *private_ip;
	const char *const *group_ids;
	size_t group_count;
	const char *key_name;
	const char *profile_arn;
	const char *http_tokens, *http_endpoint, *instance_metadata_tags; /* metadata options */
	int http_hop_limit;                                               /* 0: leave out */
	bool ebs_optimized;
	bool monitoring;
	bool public_ip;                /* had one that is not an Elastic IP */
	const char *cpu_credits;       /* standard, unlimited; NULL for types without credits */
	const char *shutdown_behavior; /* stop, terminate */
	const char *tenancy, *placement_group;
	bool termination_protected; /* DisableApiTermination as found */
	const char *user_data;      /* base64, as EC2 keeps it */
	const struct tag *tags;     /* without aws: and changeover: ones */
	size_t tag_count;
	const char *root_device;
	int root_size_gib;
	const char *root_type;          /* gp3, ... */
	int root_iops, root_throughput; /* 0: leave out */
	bool root_encrypted, root_delete_on_termination;
	const char *root_kms_key;
};
#endif
