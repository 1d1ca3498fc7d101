#include "journal/postgres_link.h"

#include <poll.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "journal/postgres_state.h"

enum { PAUSE_MS = 250, PAUSE_FACTOR = 2, SETTINGS_SIZE = 512 };

#define LINK_CONNECT_S "2"      /* the least that libpq takes */
#define LINK_ANSWER_TEXT "4000" /* LINK_ANSWER_MS: a network that takes no bytes any more */
#define NO_PASSWORD "28P01"

static int64_t now_ms(void)
{
	return clock_mono_ms(&clock_system);
}

static void disconnect(struct link *l)
{
	PQfinish(l->connection);
	l->connection = NULL;
}

/* Nothing that comes from the server is shown: what matters comes back as an error. */
static void drop_notice(void *unused, const PGresult *notice)
{
	(void)unused, (void)notice;
}

/* Waits until the socket can be read (or the server has gone); false when the time is over. */
static bool wait_readable(struct link *l, int64_t until_ms)
{
	struct pollfd p = { .fd = PQsocket(l->connection), .events = POLLIN };
	int64_t left = until_ms - now_ms();

	return left > 0 && poll(&p, 1, (int)left) != 0;
}

/* Waits until PQgetResult() would not; NULL, or why the connection is of no use any more. */
static const char *wait_answer(struct link *l, int64_t until_ms)
{
	while (PQisBusy(l->connection)) {
		if (!wait_readable(l, until_ms))
			return "no answer came in time";
		if (!PQconsumeInput(l->connection))
			return PQerrorMessage(l->connection);
	}
	return NULL;
}

static bool is_good(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* What came of one thing that was sent. */
struct reply {
	PGresult *newest; /* of its answers; owned */
	bool failed;      /* and why is known */
};

static void take_answer(struct link *l, PGresult *r, struct reply *reply, struct error *err)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (!is_good(r) && !reply->failed)
		reply->failed = !postgres_state_fail(l->name, state, PQresultErrorMessage(r), err);
	PQclear(reply->newest);
	reply->newest = r;
}

/* Waits for the next answer; NULL after the last one, or if the connection broke. */
static PGresult *next_answer(struct link *l, int64_t until_ms, struct reply *reply, struct error *err)
{
	const char *why = wait_answer(l, until_ms);

	if (!why)
		return PQgetResult(l->connection);
	if (!reply->failed) /* the server's last word was better */
		postgres_state_fail(l->name, NULL, why, err);
	reply->failed = true;
	disconnect(l);
	return NULL;
}

/* All answers to what was sent; a connection that broke among them is gone afterwards. */
static PGresult *collect(struct link *l, struct error *err)
{
	int64_t until = now_ms() + LINK_ANSWER_MS;
	struct reply reply = { .failed = false };
	PGresult *r;

	while ((r = next_answer(l, until, &reply, err)))
		take_answer(l, r, &reply, err);
	if (PQstatus(l->connection) == CONNECTION_BAD)
		disconnect(l);
	if (reply.newest && !reply.failed)
		return reply.newest;
	PQclear(reply.newest);
	return NULL;
}

PGresult *link_ask(struct link *l, const char *sql, const struct link_parameters *p, struct error *err)
{
	int sent;

	if (!l->connection) {
		postgres_state_fail(l->name, NULL, "there is no connection", err);
		return NULL;
	}
	sent = p ? PQsendQueryParams(l->connection, sql, p->count, p->types, p->values, NULL, NULL, 0)
		 : PQsendQuery(l->connection, sql);
	if (sent)
		return collect(l, err);
	postgres_state_fail(l->name, NULL, PQerrorMessage(l->connection), err);
	disconnect(l);
	return NULL;
}

/*
 * What holds for every session. A server that was told not to wait for its disk at commits (synchronous_commit) waits
 * for ours: an intent is durable before its effect.
 */
static void write_settings(const struct link *l, char *ret, size_t size)
{
	snprintf(ret, size,
		"SET client_min_messages = warning;"
		"SET standard_conforming_strings = on;"
		"SET statement_timeout = %d;"
		"SET lock_timeout = %d;"
		"SET idle_in_transaction_session_timeout = %d;"
		"SELECT set_config('synchronous_commit', 'on', false)"
		"  WHERE current_setting('synchronous_commit') IN ('off', 'local');%s",
		LINK_STATEMENT_MS, LINK_LOCK_MS, LINK_STALLED_MS,
		l->read_only ? "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY" : "");
}

static bool set_up(struct link *l, struct error *err)
{
	char settings[SETTINGS_SIZE];
	PGresult *r;

	write_settings(l, settings, sizeof(settings));
	r = link_ask(l, settings, NULL, err);
	PQclear(r);
	return r != NULL;
}

/* Later words replace those of the URL, which `dbname` stands for (libpq-connect, PQconnectdbParams). */
static bool dial(struct link *l, struct error *err)
{
	const char *const keywords[] = { "dbname", "connect_timeout", "tcp_user_timeout", "client_encoding",
		"fallback_application_name", NULL };
	const char *const values[] = { secret_reveal(&l->url), LINK_CONNECT_S, LINK_ANSWER_TEXT, "UTF8",
		"changeover", NULL };

	l->connection = PQconnectdbParams(keywords, values, 1);
	PQsetNoticeReceiver(l->connection, drop_notice, NULL);
	if (PQstatus(l->connection) == CONNECTION_OK)
		return set_up(l, err);
	return postgres_state_fail(l->name, PQconnectionNeedsPassword(l->connection) ? NO_PASSWORD : NULL,
		PQerrorMessage(l->connection), err);
}

bool link_connect(struct link *l, struct error *err)
{
	int64_t began = now_ms();

	if (l->connection)
		return true;
	if (began < l->not_before_ms)
		return postgres_state_fail(l->name, NULL, "it was not there a moment ago", err);
	if (dial(l, err))
		return true;
	disconnect(l);
	l->not_before_ms = now_ms() + PAUSE_MS + PAUSE_FACTOR * (now_ms() - began);
	return false;
}

void link_close(struct link *l)
{
	disconnect(l);
	secret_release(&l->url);
}
