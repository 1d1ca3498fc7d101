/*
 * guest.h: what is asked of a machine over SSH, as plain data. Carried out by the guest layer;
 * answered with a SIGHTING_GUEST (cloud/provider.h), or a SIGHTING_VERDICT for checks.
 */
#ifndef CLOUD_GUEST_H
#define CLOUD_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "cloud/world.h"

enum check_kind { CHECK_TCP, CHECK_COMMAND, CHECK_HTTP };

/* One line of the plan's ready list. `{{address}}` in texts is replaced by the guest layer. */
struct check {
	enum check_kind kind;
	int port;            /* TCP: connect from here to the address */
	const char *command; /* run on the machine as root: exit code 0 passes */
	const char *url;     /* GET from here; no redirects followed */
	int status;          /* the HTTP status that passes */
};

struct guest_volume {
	char id[CLOUD_ID_SIZE];
	const char *mount;          /* absolute mount point */
	char uuid[CLOUD_NAME_SIZE]; /* the filesystem's, as seen on blue; "": do not check */
	char sentinel
		[CLOUD_NONCE_SIZE]; /* nonce that must be found before mounting counts; "": do not check */
};

struct guest_order {
	char instance_id[CLOUD_ID_SIZE];
	char address[CLOUD_ADDRESS_SIZE]; /* where SSH connects */
	char check_address
		[CLOUD_ADDRESS_SIZE]; /* where checks connect: the address above, or the switched one */
	bool through_switch;          /* CHECK: copied into the verdict */
	const char *host_keys;        /* public key lines from the console, borrowed; NULL: known_hosts */
	struct guest_volume volumes[CLOUD_VOLUMES_MAX];
	size_t volume_count;
	char nonce[CLOUD_NONCE_SIZE]; /* QUIESCE writes it to each volume */
	const char *command;          /* QUIESCE: stop; START_SERVICE: start; NULL: none */
	const struct check *checks;
	size_t check_count;
	int limit_ms; /* then the command is killed and the answer is a TIMEOUT */
};

/* How machines are reached: the plan's ssh section. Borrowed from the plan. */
enum host_key_policy { HOST_KEY_CONSOLE, HOST_KEY_KNOWN_HOSTS };

struct guest_access {
	const char *user;
	int port;
	const char *key_file; /* NULL: agent only */
	bool agent;
	enum host_key_policy host_key;
	const char *known_hosts_file; /* NULL: ~/.ssh/known_hosts */
};
#endif
