/*
 * machinery_parts.h: what the machinery's files share. Each list is owned by the machinery; the
 * parts point to each other only as said here.
 */
#ifndef SANDBOX_MACHINERY_PARTS_H
#define SANDBOX_MACHINERY_PARTS_H

#include <net/if.h>
#include <netinet/in.h>
#include <uv.h>

#include "base/arena.h"
#include "sandbox/door.h"
#include "sandbox/loop_device.h"
#include "sandbox/machinery.h"
#include "sandbox/machinery_console.h"
#include "sandbox/machinery_state.h"
#include "sandbox/machinery_watch.h"
#include "sandbox/namespace_disk.h"
#include "sandbox/namespace_network.h"

enum { RESOURCE_ID_SIZE = 40 }; /* "vol-" and 17 digits, with room to spare */

/*
 * The sandbox's end of every guest's link, and so the source address of connections from inside
 * the sandbox: from a range that is never anybody's (TEST-NET-1, RFC 5737).
 */
#define ROUTER_ADDRESS "192.0.2.1"

/* An instance, from its first boot until it is removed. */
struct guest {
	struct guest *next;
	struct machinery *machinery;
	char id[RESOURCE_ID_SIZE];
	char link[IF_NAMESIZE]; /* the sandbox's end of its link, while it runs */
	struct in_addr private_ip;
	struct watch *init; /* its PID 1; NULL: it does not run */
	struct console *console;
	struct door *door; /* in front of its sshd; NULL: none */
	uv_timer_t grace;  /* until it is killed */
	bool leaving;      /* to be forgotten once it has ended */
};

/* A volume. */
struct disk {
	struct disk *next;
	char id[RESOURCE_ID_SIZE];
	char *image;             /* owned */
	struct guest *guest;     /* that it is attached to, running or not; or NULL */
	int index;               /* X of its nvmeXn1 there */
	struct loop_device loop; /* while it is attached */
};

/* A public address. */
struct address {
	struct address *next;
	struct in_addr ip;
	struct guest *guest; /* or NULL: it leads nowhere */
};

struct copy;

struct machinery {
	uv_loop_t *loop;
	struct state_folder state;
	struct own_network network;
	unsigned links_made; /* for their names */
	struct guest *guests;
	struct disk *disks;
	struct address *addresses;
	struct copy *copies;     /* snapshots under way */
	door_ask *ask_about_ssh; /* NULL: nothing happens to SSH */
	void *ask_ctx;
};

/* machinery_privileges.c: both fail with ERROR_LOCAL, naming what is missing. */
bool privileges_check(struct error *err) MUST_USE;
bool privileges_try_overlay(const struct state_folder *s, struct error *err) MUST_USE;

/* machinery_guest.c */
struct guest *guest_find(const struct machinery *m, const char *id);
struct guest *guest_new(struct machinery *m, const char *id);
watch_ended guest_ended;

/* Forgets it, its folder and what points to it. It must not run. */
void guest_forget(struct guest *g);

/* A descriptor of a running guest's root folder; -1 with errno. The caller closes it. */
int guest_open_root(const struct guest *g) MUST_USE;

/* Makes a socket in a running guest's network; -1 with errno. The caller closes it. */
int guest_open_in_network(const struct guest *g, int (*open_socket)(void)) MUST_USE;

/* machinery_ssh.c: puts a door in front of its sshd, if connections are watched. */
bool guest_open_door(struct guest *g, struct error *err) MUST_USE;

/* machinery_volume.c */
struct disk *disk_find(const struct machinery *m, const char *id);
void disk_forget(struct machinery *m, struct disk *d);

/* The disks of g as it sees them, in the arena. */
struct guest_disk *disks_of(
	const struct machinery *m, const struct guest *g, struct arena *arena, size_t *ret_count);

/* Takes its disks away from a guest that does not run and will not again. */
void disks_abandon(struct machinery *m, const struct guest *g);

/* machinery_snapshot.c: lets those under way end, without an answer. */
void copies_end(struct machinery *m);

/* route_address.c: makes the routes to g what the book says, after it came or went. */
bool addresses_follow(struct machinery *m, const struct guest *g, struct error *err) MUST_USE;

/* The public addresses that lead to g, in the arena. */
struct in_addr *addresses_of(
	const struct machinery *m, const struct guest *g, struct arena *arena, size_t *ret_count);

/* Those of g lead nowhere from here on: it is being forgotten. */
void addresses_abandon(struct machinery *m, const struct guest *g);
void addresses_forget(struct machinery *m);
#endif
