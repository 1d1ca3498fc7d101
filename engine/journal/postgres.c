/*
 * postgres.c: the journal in PostgreSQL, or in what speaks its protocol and SQL.
 *
 * The write lock is the one row of changeover_journal, taken FOR UPDATE as the first thing in each transaction.
 * READ COMMITTED then shows what all earlier holders of the lock have committed: the order of the journal is that of
 * the lock. Each writer counts its transactions in changeover_writer, in the transaction itself: when the connection
 * breaks while one is committed, its number tells whether it was (docs/decisions/0011).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "journal/driver.h"
#include "journal/postgres_link.h"
#include "journal/postgres_state.h"
#include "journal/postgres_url.h"
#include "journal/trouble.h"
#include "wire/utf8.h"

enum {
	WRITER_SIZE = 32,
	SQL_SIZE = 512,
	TEXT_BYTES_MAX = 1024 * 1024,
	CONFLICT_TRIES = 10,
	CONFLICT_PAUSE_MS = 5,
	LOST_TRIES = 2,
};

#define RANDOM_HEX "substr(md5(CAST(random() AS TEXT) || CAST(clock_timestamp() AS TEXT)), 1, 12)"

struct postgres {
	struct link link;
	bool in_transaction; /* a new connection would not be in it */
	char writer[WRITER_SIZE];
	int64_t number; /* of its transactions; the last one's */
};

struct postgres_statement {
	char *sql; /* owned; with PostgreSQL's placeholders */
	struct link_parameters parameters;
	struct arena arena; /* texts of the parameters */
	PGresult *result;   /* NULL until it has run; owned */
	int row;
};

static struct postgres *postgres_of(struct journal *j)
{
	return j->connection;
}

/* One that may be run twice is, after the connection broke; inside a transaction that is the whole transaction. */
static PGresult *ask(
	struct postgres *p, const char *sql, const struct link_parameters *parameters, struct error *err)
{
	bool was_connected = p->link.connection;
	PGresult *r;

	if (!was_connected && !p->in_transaction && !link_connect(&p->link, err))
		return NULL;
	r = link_ask(&p->link, sql, parameters, err);
	if (r || p->link.connection || p->in_transaction || !was_connected)
		return r;
	error_release(err);
	return link_connect(&p->link, err) ? link_ask(&p->link, sql, parameters, err) : NULL;
}

static bool execute(struct journal *j, const char *sql, struct error *err)
{
	PGresult *r = ask(postgres_of(j), sql, NULL, err);

	PQclear(r);
	return r != NULL;
}

/* ---- statements ---- */

/* ?1 becomes $1. There are no question marks in texts: what comes from outside is bound. */
static bool prepare(struct journal *j, const char *sql, void **ret, struct error *err)
{
	struct postgres_statement *s = alloc_zeroed(1, sizeof(*s));

	(void)j, (void)err;
	s->sql = alloc_text(sql);
	for (char *mark = strchr(s->sql, '?'); mark; mark = strchr(mark, '?'))
		*mark = '$';
	*ret = s;
	return true;
}

static void reset(void *statement)
{
	struct postgres_statement *s = statement;

	PQclear(s->result);
	arena_release(&s->arena);
	*s = (struct postgres_statement){ .sql = s->sql };
}

static void finalize(void *statement)
{
	struct postgres_statement *s = statement;

	reset(s);
	free(s->sql);
	free(s);
}

static void bind(struct postgres_statement *s, int position, Oid type, const char *value)
{
	struct link_parameters *p = &s->parameters;

	if (position < 1 || position > LINK_PARAMETERS_MAX)
		abort(); /* a statement and its code disagree */
	p->types[position - 1] = type;
	p->values[position - 1] = value;
	p->count = position > p->count ? position : p->count;
}

/* What a machine printed may be anything; PostgreSQL takes UTF-8 only. */
static void bind_text(void *statement, int position, const char *text)
{
	enum { OID_TEXT = 25 };
	struct postgres_statement *s = statement;
	auto_text repaired = { 0 };

	text_init(&repaired, TEXT_BYTES_MAX);
	if (text)
		utf8_add_repaired(&repaired, text, strlen(text));
	bind(s, position, OID_TEXT, text ? arena_copy(&s->arena, repaired.bytes) : NULL);
}

static void bind_int(void *statement, int position, int64_t value)
{
	enum { OID_INT8 = 20 };
	struct postgres_statement *s = statement;

	bind(s, position, OID_INT8, arena_printf(&s->arena, "%" PRId64, value));
}

static bool next(struct journal *j, void *statement, bool *found, struct error *err)
{
	struct postgres_statement *s = statement;

	if (s->result)
		s->row++;
	else
		s->result = ask(postgres_of(j), s->sql, &s->parameters, err);
	if (!s->result)
		return false;
	*found = s->row < PQntuples(s->result);
	return true;
}

static const char *text(void *statement, int column)
{
	struct postgres_statement *s = statement;

	return PQgetisnull(s->result, s->row, column) ? NULL : PQgetvalue(s->result, s->row, column);
}

static int64_t changes(struct journal *j, void *statement)
{
	struct postgres_statement *s = statement;

	(void)j;
	return strtoll(PQcmdTuples(s->result), NULL, 10);
}

/* ---- transactions ---- */

#define BEGIN_LOCKED                                                                                         \
	"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT version FROM changeover_journal WHERE id = 1 FOR "     \
	"UPDATE"

/* The transaction begins with the connection that there is, or not at all: settle() finds out what to do. */
static bool begin(struct journal *j, struct error *err)
{
	struct postgres *p = postgres_of(j);

	if (!link_connect(&p->link, err))
		return false;
	p->in_transaction = true;
	p->number++;
	return execute(j, BEGIN_LOCKED, err);
}

/* PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which something failed. */
static bool commit(struct journal *j, struct error *err)
{
	struct postgres *p = postgres_of(j);
	char sql[SQL_SIZE];
	bool done;
	PGresult *r;

	snprintf(sql, sizeof(sql),
		"INSERT INTO changeover_writer (id, number, seen) VALUES ('%s', %" PRId64
		", CURRENT_TIMESTAMP)"
		" ON CONFLICT (id) DO UPDATE SET number = %" PRId64 ", seen = CURRENT_TIMESTAMP; COMMIT",
		p->writer, p->number, p->number);
	r = ask(p, sql, NULL, err);
	if (!r)
		return false;
	done = !strcmp(PQcmdStatus(r), "COMMIT");
	PQclear(r);
	p->in_transaction = !done;
	return done || error_set(err, ERROR_BUG, "journal %s: a failed statement was passed over", j->path);
}

static void roll_back(struct journal *j)
{
	auto_error ignored = ERROR_INIT;

	(void)execute(j, "ROLLBACK", &ignored);
	postgres_of(j)->in_transaction = false;
}

/*
 * Asked with the write lock: the session that committed, or did not, has ended by then. A number that is not there
 * is that of a writer that has committed nothing yet.
 */
static bool read_number(struct journal *j, int64_t *ret, struct error *err)
{
	struct postgres *p = postgres_of(j);
	char sql[SQL_SIZE];
	bool done;

	snprintf(sql, sizeof(sql), "SELECT number FROM changeover_writer WHERE id = '%s'", p->writer);
	p->in_transaction = true;
	done = execute(j, BEGIN_LOCKED, err) && database_number(j, sql, ret, err);
	roll_back(j);
	return done;
}

static enum driver_verdict settle_lost(struct journal *j, bool committing, int tries, struct error *err)
{
	struct postgres *p = postgres_of(j);
	auto_error again = ERROR_INIT;
	int64_t number;

	p->in_transaction = false;
	if (tries <= LOST_TRIES && link_connect(&p->link, &again)) {
		if (!committing)
			return DRIVER_AGAIN;
		if (read_number(j, &number, &again))
			return number == p->number ? DRIVER_COMMITTED : DRIVER_AGAIN;
	}
	err->happened = committing ? HAPPENED_UNKNOWN : HAPPENED_NO;
	return DRIVER_FAILED;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000 * 1000 }, NULL);
}

static enum driver_verdict settle(struct journal *j, bool committing, int tries, struct error *err)
{
	if (!postgres_of(j)->link.connection)
		return settle_lost(j, committing, tries, err);
	roll_back(j);
	if (!postgres_state_is_conflict(err) || tries >= CONFLICT_TRIES)
		return DRIVER_FAILED;
	pause_ms(CONFLICT_PAUSE_MS * tries);
	return DRIVER_AGAIN;
}

/* ---- tables of its own ---- */

/* In one question: somebody else may be making the tables. */
static bool find_mark(struct journal *j, bool *ret, struct error *err)
{
	static const char SQL[] =
		"SELECT count(*), SUM(CASE WHEN table_name = 'changeover_journal' THEN 1 ELSE 0 END)"
		" FROM information_schema.tables WHERE table_schema = current_schema()";
	auto_statement *s = NULL;
	bool row;

	if (!database_prepare(j, SQL, &s, err) || !statement_next(s, &row, err))
		return false;
	*ret = statement_int(s, 1) > 0;
	return *ret || !statement_int(s, 0) ||
	       trouble_set(j->path, TROUBLE_FOREIGN, "there are tables of another program", err);
}

static bool read_version(struct journal *j, int64_t *ret, struct error *err)
{
	return database_number(j, "SELECT version FROM changeover_journal WHERE id = 1", ret, err);
}

static bool write_version(struct journal *j, int version, struct error *err)
{
	char sql[SQL_SIZE];

	snprintf(sql, sizeof(sql), "UPDATE changeover_journal SET version = %d WHERE id = 1", version);
	return execute(j, sql, err);
}

/* Of two first openers, the second may find a table half made: then it is worth another try. */
static bool make_mark(struct journal *j, struct error *err)
{
	static const char SQL[] =
		"CREATE TABLE IF NOT EXISTS changeover_journal (id BIGINT PRIMARY KEY, version BIGINT NOT "
		"NULL);"
		"CREATE TABLE IF NOT EXISTS changeover_writer (id TEXT PRIMARY KEY, number BIGINT NOT NULL,"
		"  seen TIMESTAMP WITH TIME ZONE NOT NULL);"
		"INSERT INTO changeover_journal (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";

	for (int tries = 1; !execute(j, SQL, err); tries++) {
		if (!postgres_state_is_conflict(err) || tries >= CONFLICT_TRIES)
			return false;
		error_release(err);
		pause_ms(CONFLICT_PAUSE_MS * tries);
	}
	return true;
}

/* Rows of writers that have long gone are nobody's. */
static bool prove(struct journal *j, struct error *err)
{
	struct postgres *p = postgres_of(j);
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, "SELECT 'wr-' || " RANDOM_HEX, &s, err) || !statement_next(s, &found, err))
		return false;
	text_copy(p->writer, sizeof(p->writer), statement_text(s, 0));
	return execute(
		j, "DELETE FROM changeover_writer WHERE seen < CURRENT_TIMESTAMP - INTERVAL '30 days'", err);
}

/* ---- opening ---- */

/* libpq's own words would show the URL. */
static bool check_url(struct journal *j, const char *url, struct error *err)
{
	if (postgres_url_is_sound(url))
		return true;
	error_set(err, ERROR_USAGE, "journal %s: the URL cannot be read", j->path);
	return error_hint(err,
		"postgres://USER:PASSWORD@HOST:PORT/DATABASE, in the password %2F for / and %40 for @; "
		"better, put the password into PGPASSWORD or ~/.pgpass");
}

static bool is_utf8(struct journal *j, struct error *err)
{
	const char *encoding = PQparameterStatus(postgres_of(j)->link.connection, "server_encoding");

	if (!encoding || !strcmp(encoding, "UTF8"))
		return true;
	error_set(err, ERROR_LOCAL, "journal %s: the database's encoding is %s", j->path, encoding);
	return error_hint(err, "make one with `createdb --encoding UTF8 --template template0`");
}

static bool open_store(struct journal *j, const char *url, enum journal_access access, struct error *err)
{
	struct postgres *p = alloc_zeroed(1, sizeof(*p));
	bool found;

	j->connection = p;
	p->link.name = j->path;
	p->link.read_only = access == JOURNAL_READ;
	secret_set(&p->link.url, url, strlen(url));
	if (!check_url(j, url, err) || !link_connect(&p->link, err) || !is_utf8(j, err) ||
		!find_mark(j, &found, err))
		return false;
	if (found)
		return true;
	return access == JOURNAL_READ ? trouble_set(j->path, TROUBLE_MISSING, NULL, err) : make_mark(j, err);
}

static void close_store(struct journal *j)
{
	link_close(&postgres_of(j)->link);
	free(j->connection);
}

static const char *file(struct journal *j)
{
	(void)j;
	return NULL;
}

const struct driver driver_postgres = {
	.row_number = "BIGINT",
	.random_hex = RANDOM_HEX,
	.add_column = "ADD COLUMN IF NOT EXISTS",
	.open = open_store,
	.prove = prove,
	.close = close_store,
	.file = file,
	.read_version = read_version,
	.write_version = write_version,
	.execute = execute,
	.begin = begin,
	.commit = commit,
	.settle = settle,
	.prepare = prepare,
	.bind_text = bind_text,
	.bind_int = bind_int,
	.next = next,
	.text = text,
	.changes = changes,
	.reset = reset,
	.finalize = finalize,
};
