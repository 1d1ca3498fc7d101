#include "journal/postgres_state.h"

#include <string.h>

#include "base/text.h"
#include "journal/journal.h"

enum { MESSAGE_BYTES = 500 };

#define WAIT_FOR_IT "see whether the server runs and can be reached from here; the same command then goes on"

enum reaction {
	REACT_FAIL,
	REACT_AWAY,  /* it will be better in a while */
	REACT_AGAIN, /* at once */
};

/* The first row whose state is the beginning of the server's. */
static const struct {
	const char *state;
	enum reaction reaction;
	enum error_kind kind;
	const char *what, *hint;
} STATES[] = {
	{ "40001", REACT_AGAIN, ERROR_CONFLICT, "too many write to it at once", WAIT_FOR_IT },
	{ "40P01", REACT_AGAIN, ERROR_CONFLICT, "too many write to it at once", WAIT_FOR_IT },
	/* Only two that make the same tables at the same time meet these. */
	{ "23505", REACT_AGAIN, ERROR_CONFLICT, "somebody else added the same row", NULL },
	{ "42P07", REACT_AGAIN, ERROR_CONFLICT, "somebody else made the same table", NULL },
	{ "42710", REACT_AGAIN, ERROR_CONFLICT, "somebody else made the same table", NULL },
	{ "55P03", REACT_AWAY, ERROR_CONFLICT, "another process is writing to it and does not finish",
		"look into pg_stat_activity for a session that is idle in transaction" },
	{ "57014", REACT_AWAY, ERROR_TIMEOUT, "it took too long to answer", WAIT_FOR_IT },
	{ "57P", REACT_AWAY, ERROR_REMOTE, "it is not available", WAIT_FOR_IT },
	{ "08", REACT_AWAY, ERROR_REMOTE, "the connection failed", WAIT_FOR_IT },
	{ "25P03", REACT_AWAY, ERROR_REMOTE, "it ended a session that had stood still", WAIT_FOR_IT },
	{ "53300", REACT_AWAY, ERROR_REMOTE, "it has too many connections",
		"raise max_connections, or run fewer workers" },
	{ "53100", REACT_FAIL, ERROR_LOCAL, "its disk is full", "free some space on the server" },
	{ "25006", REACT_FAIL, ERROR_LOCAL, "it cannot be written",
		"name the primary server, or both with ?target_session_attrs=read-write" },
	{ "28", REACT_FAIL, ERROR_DENIED, "it does not let us in",
		"see the user in the URL, and the password in PGPASSWORD or ~/.pgpass" },
	{ "3D", REACT_FAIL, ERROR_MISSING, "there is no such database", "make it with `createdb`" },
	{ "42501", REACT_FAIL, ERROR_DENIED, "it does not let us do this",
		"grant this user CREATE on the schema once, or SELECT, INSERT, UPDATE and DELETE on its "
		"tables" },
	{ "XX001", REACT_FAIL, ERROR_LOCAL, "it is damaged",
		"see the server's log; restore it from a backup" },
	{ "XX002", REACT_FAIL, ERROR_LOCAL, "it is damaged",
		"see the server's log; restore it from a backup" },
	{ "", REACT_FAIL, ERROR_BUG, "it refused a statement", NULL },
};

static size_t find(const char *state)
{
	size_t i = 0;

	while (!text_starts_with(state, STATES[i].state))
		i++;
	return i;
}

/* libpq's messages have several lines, and end in one. */
static void join_lines(const char *message, char *ret, size_t size)
{
	text_copy(ret, size, message);
	for (size_t len = strlen(ret); len && ret[len - 1] == '\n'; len--)
		ret[len - 1] = '\0';
	for (char *c = ret; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
}

bool postgres_state_fail(const char *store, const char *state, const char *message, struct error *err)
{
	size_t row = find(state ? state : "08");
	char joined[MESSAGE_BYTES];
	bool away = STATES[row].reaction == REACT_AWAY;

	join_lines(message, joined, sizeof(joined));
	error_set(err, STATES[row].kind, "journal %s: %s (%s)", store, STATES[row].what, joined);
	error_set_code(err, away ? JOURNAL_AWAY : state);
	return error_hint(err, STATES[row].hint);
}

bool postgres_state_is_conflict(const struct error *err)
{
	return err->code && STATES[find(err->code)].reaction == REACT_AGAIN;
}
