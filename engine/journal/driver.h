/*
 * driver.h: what the journal needs of a database. Two rows of functions, for SQLite and for PostgreSQL, chosen by
 * journal_open(); only database.c, schema.c and journal.c call them.
 */
#ifndef JOURNAL_DRIVER_H
#define JOURNAL_DRIVER_H

#include "journal/database.h"
#include "journal/journal.h"

/* What became of a transaction that was not committed in order. */
enum driver_verdict {
	DRIVER_FAILED,    /* nothing of it is left, or nobody can say (HAPPENED_UNKNOWN) */
	DRIVER_AGAIN,     /* nothing of it is left, and it is worth another try now */
	DRIVER_COMMITTED, /* it was committed after all */
};

/* A journal of SQLite's that is gone with the process. */
#define JOURNAL_IN_MEMORY ":memory:"

struct driver {
	/* Where the SQL differs. */
	const char *row_number; /* the type of a key that numbers rows, up to 2^63 */
	const char *random_hex; /* an expression: 12 random hexadecimal digits */
	const char *add_column; /* of ALTER TABLE; nothing happens if it is there, where that may be */

	/* Opens what j->path names, and makes it ready for statements; url is with its password. */
	bool (*open)(struct journal *j, const char *url, enum journal_access access, struct error *err);
	/* To be written: refuses what is damaged or has no room, after the tables were made. */
	bool (*prove)(struct journal *j, struct error *err);
	void (*close)(struct journal *j);
	/* The whole path of the file that it is in; NULL: it is in none. */
	const char *(*file)(struct journal *j);

	/* The schema's version; 0: there are no tables yet. What is not a journal is refused. */
	bool (*read_version)(struct journal *j, int64_t *ret, struct error *err);
	bool (*write_version)(struct journal *j, int version, struct error *err);

	bool (*execute)(struct journal *j, const char *sql, struct error *err);
	bool (*begin)(struct journal *j, struct error *err);
	bool (*commit)(struct journal *j, struct error *err);
	/* After a failure of begin, body or commit, and rolls back. err may be changed. */
	enum driver_verdict (*settle)(struct journal *j, bool committing, int tries, struct error *err);

	/* statement: the driver's own, released by finalize. After reset it is as it was when it was prepared. */
	bool (*prepare)(struct journal *j, const char *sql, void **ret, struct error *err);
	void (*bind_text)(void *statement, int position, const char *text);
	void (*bind_int)(void *statement, int position, int64_t value);
	bool (*next)(struct journal *j, void *statement, bool *found, struct error *err);
	const char *(*text)(void *statement, int column); /* NULL if it is NULL */
	int64_t (*changes)(struct journal *j, void *statement);
	void (*reset)(void *statement);
	void (*finalize)(void *statement);
};

extern const struct driver driver_sqlite;
extern const struct driver driver_postgres;
#endif
