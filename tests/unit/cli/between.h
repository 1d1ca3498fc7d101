/*
 * between.h: what another process does at an exact point of a command: after the nth statement of a certain text that
 * the command gives to its journals, before the next one. A journal that was opened before between_watch() is not
 * watched: what comes between goes by such a one.
 *
 * Calling order: between_watch(); the command; between_came(), which fails unless it has come to that point.
 */
#ifndef TESTS_CLI_BETWEEN_H
#define TESTS_CLI_BETWEEN_H

#include <sqlite3.h>

struct between {
	const char *text;        /* a part of the statement */
	int nth;                 /* so many of them are still to come; 0: the next statement is the point */
	void (*come)(void *arg); /* NULL: it has come */
	void *arg;
};

/* SQLite tells only whom it was told to tell when the connection was opened: that is the program's, not a test's. */
static struct between between;

static inline int between_begins(unsigned what, void *arg, void *statement, void *text)
{
	void (*come)(void *arg) = between.come;

	(void)what, (void)arg, (void)text;
	if (between.nth) {
		between.nth -= strstr(sqlite3_sql(statement), between.text) != NULL;
	} else if (come) {
		between.come = NULL;
		come(between.arg);
	}
	return 0;
}

static inline int between_opened(sqlite3 *db, const char **message, const struct sqlite3_api_routines *api)
{
	(void)message, (void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, between_begins, NULL);
}

static inline void between_watch(const char *text, int nth, void (*come)(void *arg), void *arg)
{
	between = (struct between){ text, nth, come, arg };
	assert_int_equal(sqlite3_auto_extension((void (*)(void))between_opened), SQLITE_OK);
}

static inline void between_came(void)
{
	sqlite3_reset_auto_extension();
	assert_null(between.come);
}
#endif
