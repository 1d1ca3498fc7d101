/*
 * postgres.h: a PostgreSQL server of a test's own, in a temporary folder, on a Unix socket there. It ends, and its
 * folder with it, when the test's process has ended, however that was (tests/support/postgres-server).
 */
#ifndef SUPPORT_POSTGRES_H
#define SUPPORT_POSTGRES_H

#include <stdbool.h>
#include <sys/types.h>

enum { POSTGRES_FOLDER_SIZE = 64, POSTGRES_URL_SIZE = 128 };

struct test_postgres {
	char folder[POSTGRES_FOLDER_SIZE];
	pid_t keeper;
	int to, from; /* the keeper's stdin and stdout */
};

/* Starts it. False, with a word on stderr, if that fails. */
bool test_postgres_start(struct test_postgres *p);

/*
 * Has the keeper do something, and waits: "crash", "start" (again), "freeze", "thaw", "sql DATABASE STATEMENT".
 * False, with a word on stderr, if that fails.
 */
bool test_postgres_do(struct test_postgres *p, const char *command);

/* The URL of its schema t1, t2 ...; the test makes that. */
void test_postgres_url(const struct test_postgres *p, int schema, char ret[POSTGRES_URL_SIZE]);

void test_postgres_end(struct test_postgres *p);
#endif
