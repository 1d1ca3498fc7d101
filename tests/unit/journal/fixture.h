/*
 * fixture.h: a journal of each test's own, in a file of SQLite or in a database of PostgreSQL: RUN_ON_BOTH() runs
 * the same tests on one, then on the other.
 */
#ifndef TESTS_JOURNAL_FIXTURE_H
#define TESTS_JOURNAL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/event.h"
#include "journal/journal.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "support/postgres.h"

/* Of a group of tests. */
struct backend {
	struct test_postgres server;
	bool is_postgres;
	int used; /* schemas */
};

/* A schema costs a hundredth of what a database does. */
#define MAKE_SCHEMAS                                                                                         \
	"sql postgres DO $$BEGIN FOR i IN 1..50 LOOP EXECUTE format('CREATE SCHEMA t%s', i); END LOOP; "     \
	"END$$"

struct fixture {
	struct backend *backend;
	char folder[64];
	char path[POSTGRES_URL_SIZE];
	struct journal *j;
};

static inline int use_sqlite(void **state)
{
	*state = calloc(1, sizeof(struct backend));
	return *state ? 0 : -1;
}

static inline int use_postgres(void **state)
{
	struct backend *b;

	if (use_sqlite(state))
		return -1;
	b = *state;
	b->is_postgres = true;
	return test_postgres_start(&b->server) && test_postgres_do(&b->server, MAKE_SCHEMAS) ? 0 : -1;
}

static inline int leave_backend(void **state)
{
	struct backend *b = *state;

	if (b->is_postgres)
		test_postgres_end(&b->server);
	free(b);
	return 0;
}

/* tests is an array; the sum of those that failed. */
#define RUN_ON_BOTH(tests)                                                                                   \
	(cmocka_run_group_tests_name("sqlite", tests, use_sqlite, leave_backend) +                           \
		cmocka_run_group_tests_name("postgresql", tests, use_postgres, leave_backend))

static inline void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static inline struct journal *open_at(const char *path, enum journal_access access)
{
	struct error err = ERROR_INIT;
	struct journal *j = NULL;

	must(journal_open(path, access, &j, &err), &err);
	return j;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* A folder, or an empty schema; a test opens the journal itself. */
static inline int make_folder(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->backend = *state;
	snprintf(f->folder, sizeof(f->folder), "/tmp/changeover-journal-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/state/journal.db", f->folder);
	if (f->backend->is_postgres)
		test_postgres_url(&f->backend->server, ++f->backend->used, f->path);
	*state = f;
	return 0;
}

/* An open journal with one rebuild, rb-1 of i-blue. */
static inline int make_journal(void **state)
{
	struct error err = ERROR_INIT;
	struct fixture *f;

	if (make_folder(state))
		return -1;
	f = *state;
	f->j = open_at(f->path, JOURNAL_WRITE);
	must(record_create(f->j, &(struct record){ .id = "rb-1", .blue = "i-blue", .created_ms = 1 }, &err),
		&err);
	return 0;
}

static inline int remove_all(void **state)
{
	struct fixture *f = *state;

	journal_close(f->j);
	nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

static inline struct lease lease_of(const char *rebuild)
{
	struct lease l = { .rebuild = rebuild, .version = "0.1.0" };

	holder_self("anna", &l.holder);
	return l;
}

/* Somebody on another machine. */
static inline struct lease lease_elsewhere(const char *rebuild)
{
	return (struct lease){ .rebuild = rebuild,
		.version = "0.2.0",
		.holder = { .name = "bert@far pid 7", .place = "another-boot/1", .pid = 7, .started = 70 } };
}

/* Runs child in a process of its own, which may die in it; returns its wait status. */
static inline int in_child(void (*child)(void *arg), void *arg)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		child(arg);
		_exit(0);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}
#endif
