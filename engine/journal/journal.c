#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "journal/database.h"
#include "journal/schema.h"
#include "journal/trouble.h"

enum {
	BUSY_MS = 10000, /* another process's commit takes milliseconds; a stuck one is worth an error */
	PROBE_BYTES = 256 * 1024, /* about a thousand events: several rebuilds */
};

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

static bool unwritable(int errnum, const char *path, struct error *err)
{
	return trouble_set(path, errnum == ENOSPC ? TROUBLE_FULL : TROUBLE_CLOSED, strerror(errnum), err);
}

/* Makes the folders above path that are missing, for this user only. */
static bool make_folders(const char *path, struct error *err)
{
	auto_free char *folder = strdup(path);

	if (!folder)
		abort();
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0700) < 0 && errno != EEXIST)
			return unwritable(errno, path, err);
		*slash = '/';
	}
	return true;
}

static bool insert_probe(struct journal *j, void *arg, struct error *err)
{
	auto_statement *s = NULL;

	(void)arg;
	if (!database_execute(j, "DELETE FROM probe", err) ||
		!database_prepare(j, "INSERT INTO probe (id, room) VALUES (1, ?)", &s, err))
		return false;
	if (sqlite3_bind_zeroblob(s, 1, PROBE_BYTES) != SQLITE_OK)
		abort();
	return statement_run(j, s, err);
}

static bool delete_probe(struct journal *j, void *arg, struct error *err)
{
	(void)arg;
	return database_execute(j, "DELETE FROM probe", err);
}

static bool prove_room(struct journal *j, struct error *err)
{
	return database_transaction(j, insert_probe, NULL, err) &&
	       database_transaction(j, delete_probe, NULL, err);
}

static bool connect_to(struct journal *j, struct error *err)
{
	/* Reading, too, opens for writing if it may: a writer that was killed left its transaction to roll back. */
	int code = sqlite3_open_v2(j->path, &j->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (!j->db)
		abort();
	if (code != SQLITE_OK)
		return database_fail(j, err);
	sqlite3_extended_result_codes(j->db, 0);
	sqlite3_busy_timeout(j->db, BUSY_MS);
	return true;
}

static bool read_id(struct journal *j, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, "SELECT id FROM identity", &s, err) || !statement_next(j, s, &found, err))
		return false;
	if (found)
		text_copy(j->id, sizeof(j->id), statement_text(s, 0));
	return true;
}

static bool begin_writing(struct journal *j, struct error *err)
{
	return database_execute(j, "PRAGMA synchronous = EXTRA", err) &&
	       database_execute(j, "PRAGMA foreign_keys = ON", err) && schema_prepare(j, err) &&
	       schema_verify(j, err) && read_id(j, err) && prove_room(j, err);
}

static bool begin_reading(struct journal *j, struct error *err)
{
	return database_execute(j, "PRAGMA query_only = ON", err) && schema_check(j, err);
}

static struct journal *new_journal(const char *path)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j || !(j->path = strdup(path)))
		abort();
	return j;
}

/* SQLite would make the file readable by all; its rollback journal takes the modes of the file. */
static bool make_private(const char *path, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return unwritable(errno, path, err);
	close(fd);
	return true;
}

/* A whole journal without rebuilds. It is on the disk when this returns true, but for its name. */
static bool make_empty_journal(const char *path, struct error *err)
{
	auto_journal *j = new_journal(path);

	return make_private(path, err) && connect_to(j, err) &&
	       database_execute(j, "PRAGMA synchronous = EXTRA", err) && schema_prepare(j, err);
}

/*
 * Made beside its place and then linked there: a journal is whole from its first moment, so that one without
 * bytes is one that lost them. Of two that make it at the same time, one finds the other's.
 */
static bool make_file(const char *path, struct error *err)
{
	auto_free char *beside = NULL;
	bool made;

	if (faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) == 0)
		return true;
	if (asprintf(&beside, "%s.new-%d", path, (int)getpid()) < 0)
		abort();
	made = make_empty_journal(beside, err);
	if (made && link(beside, path) < 0 && errno != EEXIST)
		made = unwritable(errno, path, err);
	unlink(beside);
	return made;
}

/*
 * SQLite would take an empty file, or one of a single byte (unixFileSize() in os_unix.c), for a new one; and
 * what it says about a folder helps nobody.
 */
static bool is_worth_opening(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? trouble_set(path, TROUBLE_MISSING, NULL, err)
				       : trouble_set(path, TROUBLE_CLOSED, strerror(errno), err);
	if (!S_ISREG(st.st_mode))
		return trouble_set(path, TROUBLE_NO_FILE, NULL, err);
	return st.st_size > 1 || trouble_set(path, TROUBLE_EMPTY, NULL, err);
}

bool journal_open(const char *path, enum journal_access access, struct journal **ret, struct error *err)
{
	auto_journal *j = NULL;

	if (access == JOURNAL_WRITE && (!make_folders(path, err) || !make_file(path, err)))
		return false;
	if (!is_worth_opening(path, err))
		return false;
	j = new_journal(path);
	if (!connect_to(j, err))
		return false;
	if (access == JOURNAL_WRITE ? !begin_writing(j, err) : !begin_reading(j, err))
		return false;
	*ret = take(&j);
	return true;
}

bool journal_open_temporary(struct journal **ret, struct error *err)
{
	auto_journal *j = new_journal(":memory:");

	if (!connect_to(j, err) || !begin_writing(j, err))
		return false;
	*ret = take(&j);
	return true;
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
	sqlite3_close(j->db);
	free(j->path);
	free(j);
}

void journal_cleanup(struct journal **j)
{
	journal_close(*j);
}
