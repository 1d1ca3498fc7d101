/*
 * server.h: `changeover serve`: the lock service at an address, until it is told to end.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "journal/journal.h"

struct server_options {
	const char *listen; /* 127.0.0.1:8443, [::1]:0; port 0: any free one */
	const char
		*tls_certificate;  /* PEM file with its chain; NULL: plain HTTP, on a loopback address only */
	const char *tls_key;       /* PEM file */
	const char *client_ca;     /* PEM file: who vouches for clients' certificates; NULL: nobody has one */
	const char *password_file; /* of administrators; NULL: there are none */
	const char *slots;         /* lock_slots.h; NULL: one of each */
	bool anonymous_fleetlock;  /* FleetLock without certificates, although there is a client_ca */
	struct journal *journal;   /* borrowed; its path is told */
	FILE *out, *messages;      /* the line that says it is ready; what goes wrong later */
	const struct clock *clock;
};

/*
 * Serves until SIGINT or SIGTERM; then what was asked is answered, and all connections end. Once it is ready, it
 * prints to out
 *
 *	serve: listening on https://ADDRESS:PORT (locks in JOURNAL)
 *
 * ERROR_USAGE for options that make no sense, ERROR_LOCAL for what this machine lacks, and what the
 * journal fails with.
 */
bool server_run(const struct server_options *o, struct error *err) MUST_USE;
#endif
