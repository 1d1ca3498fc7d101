/*
 * postgres_link.h: a connection to PostgreSQL that answers within its time, or is given up, and comes back.
 *
 * Everything here waits in place, so the loop stands still meanwhile: at most LINK_ANSWER_MS for an answer, and
 * two seconds for each address of the server's until a connection stands (the resolver's own time comes on top).
 * After an attempt that failed, the next ones fail at once for twice as long as it took.
 */
#ifndef JOURNAL_POSTGRES_LINK_H
#define JOURNAL_POSTGRES_LINK_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "base/secret.h"

enum {
	LINK_LOCK_MS = 2000,
	LINK_STATEMENT_MS = 3000, /* the server gives up, and says so */
	LINK_ANSWER_MS = 4000,    /* we give up on the server */
	LINK_STALLED_MS = 5000,   /* a writer that stands still between two statements loses its lock */
	LINK_PARAMETERS_MAX = 96,
};

struct link {
	PGconn *connection; /* NULL: there is none; owned */
	struct secret url;  /* it may contain a password */
	const char *name;   /* the URL for people; borrowed */
	bool read_only;
	int64_t not_before_ms; /* monotonic; a new attempt to connect is not worth it until then */
};

/* What is bound to a statement, as text. */
struct link_parameters {
	int count;
	Oid types[LINK_PARAMETERS_MAX];
	const char *values[LINK_PARAMETERS_MAX]; /* NULL: NULL; borrowed */
};

/* Connects, if it is not connected. Fails with JOURNAL_AWAY. */
bool link_connect(struct link *l, struct error *err) MUST_USE;

/*
 * Sends one statement with its parameters, or several without any (NULL), and waits: the last answer, or NULL and
 * the first error. It does not connect by itself. After a failure, l->connection tells what failed: the statement,
 * or, if it is NULL, the connection: then nobody knows whether the statement was run.
 */
PGresult *link_ask(struct link *l, const char *sql, const struct link_parameters *p, struct error *err);

void link_close(struct link *l);
#endif
