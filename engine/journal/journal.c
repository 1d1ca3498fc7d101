#include "journal/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "journal/driver.h"
#include "journal/holding_log.h"
#include "journal/postgres_url.h"
#include "journal/schema.h"

char *journal_default_path(const char *state_home, const char *home)
{
	char *path = NULL;
	int len = 0;

	if (state_home && state_home[0] == '/')
		len = asprintf(&path, "%s/changeover/journal.db", state_home);
	else if (home && home[0])
		len = asprintf(&path, "%s/.local/state/changeover/journal.db", home);
	if (len < 0)
		abort();
	return path;
}

bool journal_is_url(const char *location)
{
	return postgres_url_is(location);
}

static struct journal *new_journal(const char *path)
{
	struct journal *j = alloc_zeroed(1, sizeof(*j));

	j->driver = postgres_url_is(path) ? &driver_postgres : &driver_sqlite;
	j->path = postgres_url_is(path) ? postgres_url_redact(path) : alloc_text(path);
	if (!j->path)
		abort();
	return j;
}

static bool read_id(struct journal *j, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, "SELECT id FROM identity", &s, err) || !statement_next(s, &found, err))
		return false;
	if (found)
		text_copy(j->id, sizeof(j->id), statement_text(s, 0));
	return true;
}

static bool begin_writing(struct journal *j, struct error *err)
{
	return schema_prepare(j, err) && j->driver->prove(j, err) && read_id(j, err);
}

static void attach_log(struct journal *j, enum journal_access access)
{
	const char *file = j->driver->file(j);

	if (file)
		j->log = holding_log_new(file, access);
}

bool journal_open(const char *path, enum journal_access access, struct journal **ret, struct error *err)
{
	auto_journal *j = new_journal(path);

	if (!j->driver->open(j, path, access, err))
		return false;
	if (access == JOURNAL_WRITE ? !begin_writing(j, err) : !schema_check(j, err))
		return false;
	attach_log(j, access);
	*ret = take(&j);
	return true;
}

bool journal_open_temporary(struct journal **ret, struct error *err)
{
	return journal_open(JOURNAL_IN_MEMORY, JOURNAL_WRITE, ret, err);
}

const char *journal_id(const struct journal *j)
{
	return j->id;
}

const char *journal_path(const struct journal *j)
{
	return j->path;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	database_forget(j);
	holding_log_free(j->log);
	if (j->connection)
		j->driver->close(j);
	free(j->path);
	free(j);
}

void journal_cleanup(struct journal **j)
{
	journal_close(*j);
}
