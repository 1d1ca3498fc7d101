/*
 * A journal of any bytes. After the letter F: the file itself. After R: rows of a whole journal, one a
 * line, as TABLE|VALUE|VALUE...: TABLE is r (rebuild), e (event) or l (lease); a value that begins
 * with # is a number, with % a blob, ~ is NULL, all else text. Then all that reads journals reads it.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/event.h"
#include "journal/journal.h"
#include "journal/lease.h"
#include "journal/record.h"
#include "run/lineage.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { COLUMNS_MAX = 20, RECORDS_MAX = 100 };

/* Below $TMPDIR, since libFuzzer ends without a word: who set that clears up. */
static char folder[200], path[220];
static bool is_whole; /* the file at path is a journal that only rows were put into */

static void remove_folder(void)
{
	char beside[240];

	snprintf(beside, sizeof(beside), "%s-journal", path);
	unlink(beside);
	unlink(path);
	rmdir(folder);
}

static void make_folder(void)
{
	const char *place = getenv("TMPDIR");

	if (path[0])
		return;
	snprintf(folder, sizeof(folder), "%s/changeover-fuzz-XXXXXX", place ? place : "/tmp");
	if (!mkdtemp(folder))
		abort();
	snprintf(path, sizeof(path), "%s/journal.db", folder);
	atexit(remove_folder);
}

static void write_file(const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		abort();
	close(fd);
}

static void bind(sqlite3_stmt *s, int position, const char *value)
{
	if (value[0] == '#')
		sqlite3_bind_int64(s, position, strtoll(value + 1, NULL, 10));
	else if (value[0] == '%')
		sqlite3_bind_blob(s, position, value + 1, (int)strlen(value + 1), SQLITE_TRANSIENT);
	else if (value[0] != '~')
		sqlite3_bind_text(s, position, value, -1, SQLITE_TRANSIENT);
}

static void insert_row(sqlite3 *db, char *line)
{
	const char *table = line[0] == 'r' ? "rebuild" : line[0] == 'e' ? "event" : "lease";
	const char *values[COLUMNS_MAX];
	char sql[160] = "", *at = line, *value;
	sqlite3_stmt *s;
	int count = 0;

	strsep(&at, "|");
	while (count < COLUMNS_MAX && (value = strsep(&at, "|")))
		values[count++] = value;
	snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES (?", table);
	for (int i = 1; i < count; i++)
		strncat(sql, ",?", sizeof(sql) - strlen(sql) - 1);
	strncat(sql, ")", sizeof(sql) - strlen(sql) - 1);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return; /* not as many as there are columns */
	for (int i = 0; i < count; i++)
		bind(s, i + 1, values[i]);
	sqlite3_step(s);
	sqlite3_finalize(s);
}

static void make_journal(void)
{
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;

	unlink(path);
	if (!journal_open(path, JOURNAL_WRITE, &j, &err))
		abort();
}

/* The rows of a whole journal, changed behind the engine's back. */
static void write_rows(const char *bytes, size_t len)
{
	static const char EMPTY[] = "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; BEGIN;"
				    "DELETE FROM event; DELETE FROM lease; DELETE FROM rebuild;";
	char *text = strndup(bytes, len), *at = text, *line;
	sqlite3 *db;

	if (!is_whole)
		make_journal();
	is_whole = true;
	if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, EMPTY, NULL, NULL, NULL) != SQLITE_OK)
		abort();
	while ((line = strsep(&at, "\n")))
		insert_row(db, line);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	free(text);
}

static bool show(void *self, const struct event *e)
{
	size_t *sum = self;

	*sum += strlen(e->rebuild) + strlen(e->step) + strlen(e->effect) + strlen(e->token) +
		strlen(e->detail) + strlen(e->request_id) + strlen(event_kind_name(e->kind));
	return true;
}

static void read_lease(struct journal *j, const char *rebuild)
{
	struct lease lease = { .rebuild = rebuild, .version = "1" };
	auto_error err = ERROR_INIT, lost = ERROR_INIT;
	char who[LEASE_TEXT_SIZE];

	holder_self("fuzz", &lease.holder);
	if (rebuild[0] && lease_describe(j, rebuild, 1000, who, &err) && lease_take(j, &lease, 1000, &err) &&
		!lease_check(j, rebuild, lease.epoch, &lost))
		abort(); /* what was taken is held */
}

static void read_past(struct journal *j, const struct record *record)
{
	static const struct plan PLAN = { .digest = "d" };
	auto_error err = ERROR_INIT, other = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct lineage lineage;
	struct rebuild_past past;
	size_t sum = 0;

	if (lineage_find(j, record->blue, &a, &lineage, &err) &&
		lineage_past(j, record, &PLAN, &a, &past, &other))
		for (size_t i = 0; i < past.volume_count; i++)
			sum += strlen(past.volumes[i]);
	error_release(&err);
	if (!journal_events(j, record->id, 0, show, &sum, &err))
		return;
	read_lease(j, record->id);
}

static void read_journal(enum journal_access access)
{
	auto_error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	auto_journal *j = NULL;
	struct record *records;
	size_t count, sum = 0;

	if (!journal_open(path, access, &j, &err))
		return;
	if (!journal_events(j, NULL, 0, show, &sum, &err) ||
		!record_list(j, RECORDS_MAX, &a, &records, &count, &err))
		return;
	for (size_t i = 0; i < count; i++)
		read_past(j, &records[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *rest = (const char *)bytes + 1;

	if (!len || (bytes[0] != 'F' && bytes[0] != 'R'))
		return 0;
	make_folder();
	if (bytes[0] == 'R') {
		write_rows(rest, len - 1);
		read_journal(JOURNAL_WRITE);
		return 0;
	}
	write_file(rest, len - 1);
	is_whole = false;
	read_journal(JOURNAL_READ);
	read_journal(JOURNAL_WRITE);
	return 0;
}
