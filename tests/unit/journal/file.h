/* file.h: a journal's file, changed by others than the engine. */
#ifndef TESTS_JOURNAL_FILE_H
#define TESTS_JOURNAL_FILE_H

#include <sqlite3.h>

#include "fixture.h"

static inline void change(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static inline void refused(
	const char *path, enum journal_access access, enum error_kind kind, const char *word)
{
	auto_error err = ERROR_INIT;
	struct journal *j = NULL;

	assert_false(journal_open(path, access, &j, &err));
	assert_null(j);
	assert_int_equal(err.kind, kind);
	if (!strstr(err.message, word) || !strstr(err.message, path))
		fail_msg("`%s` names neither %s nor %s", err.message, word, path);
	assert_non_null(err.hint);
}
#endif
