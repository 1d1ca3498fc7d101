#include "journal/event.h"

#include <string.h>

#include "journal/database.h"
#include "journal/lease.h"

static const char *const KIND_NAMES[EVENT_KIND_COUNT] = {
	[EVENT_NONE] = "none",
	[EVENT_REBUILD_STARTED] = "rebuild-started",
	[EVENT_RESUMED] = "resumed",
	[EVENT_OBSERVED] = "observed",
	[EVENT_STEP_STARTED] = "step-started",
	[EVENT_INTENT] = "intent",
	[EVENT_OUTCOME] = "outcome",
	[EVENT_STEP_PROVED] = "step-proved",
	[EVENT_RETRYING] = "retrying",
	[EVENT_WAITING] = "waiting",
	[EVENT_TURNED_BACK] = "turned-back",
	[EVENT_STEP_UNDONE] = "step-undone",
	[EVENT_WINDOW_OPENED] = "window-opened",
	[EVENT_WINDOW_CLOSED] = "window-closed",
	[EVENT_FINISHED] = "finished",
	[EVENT_ROLLED_BACK] = "rolled-back",
	[EVENT_PARKED] = "parked",
	[EVENT_FAILED] = "failed",
	[EVENT_NOTE] = "note",
};

enum column {
	SEQ,
	AT,
	REBUILD,
	KIND,
	STEP,
	EFFECT,
	TOKEN,
	DETAIL,
	ERROR,
	HAPPENED,
	REQUEST_ID,
	TOOK,
	EPOCH,
};

#define COLUMNS                                                                                              \
	"seq, at_ms, rebuild, kind, step, effect, token, detail, error, happened, request_id, took_ms, "     \
	"epoch"

const char *event_kind_name(enum event_kind kind)
{
	return KIND_NAMES[kind];
}

enum event_kind event_kind_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(KIND_NAMES); i++)
		if (!strcmp(KIND_NAMES[i], name))
			return (enum event_kind)i;
	return EVENT_NONE;
}

static enum error_happened happened_parse(const char *name)
{
	for (enum error_happened h = HAPPENED_NO; h <= HAPPENED_YES; h++)
		if (!strcmp(error_happened_name(h), name))
			return h;
	return HAPPENED_UNKNOWN;
}

/* Only outcomes have an error; elsewhere the columns stay empty. */
static void bind_outcome(struct statement *s, const struct event *e)
{
	bool outcome = e->kind == EVENT_OUTCOME;

	statement_bind_text(s, ERROR + 1, outcome ? error_kind_name(e->error) : NULL);
	statement_bind_text(s, HAPPENED + 1, outcome ? error_happened_name(e->happened) : NULL);
}

static void bind(struct statement *s, const struct event *e)
{
	statement_bind_int(s, SEQ + 1, e->seq);
	statement_bind_int(s, AT + 1, e->at_ms);
	statement_bind_text(s, REBUILD + 1, e->rebuild);
	statement_bind_text(s, KIND + 1, KIND_NAMES[e->kind]);
	statement_bind_text(s, STEP + 1, e->step);
	statement_bind_text(s, EFFECT + 1, e->effect);
	statement_bind_text(s, TOKEN + 1, e->token);
	statement_bind_text(s, DETAIL + 1, e->detail);
	bind_outcome(s, e);
	statement_bind_text(s, REQUEST_ID + 1, e->request_id);
	statement_bind_int(s, TOOK + 1, e->took_ms);
	statement_bind_int(s, EPOCH + 1, e->epoch);
}

static struct event read_row(struct statement *s)
{
	const char *error = statement_text(s, ERROR);

	return (struct event){
		.seq = statement_int(s, SEQ),
		.at_ms = statement_int(s, AT),
		.rebuild = statement_text(s, REBUILD),
		.kind = event_kind_parse(statement_text(s, KIND)),
		.step = statement_text(s, STEP),
		.effect = statement_text(s, EFFECT),
		.token = statement_text(s, TOKEN),
		.detail = statement_text(s, DETAIL),
		.error = *error ? error_kind_parse(error) : ERROR_NONE,
		.happened = *error ? happened_parse(statement_text(s, HAPPENED)) : HAPPENED_NO,
		.request_id = statement_text(s, REQUEST_ID),
		.took_ms = statement_int(s, TOOK),
		.epoch = statement_int(s, EPOCH),
	};
}

/* Whether the journal took it, when nobody could hear that it did: then it stands under the number it was given. */
static bool was_taken(struct journal *j, const struct event *e, bool *ret, struct error *err)
{
	auto_statement *s = NULL;

	*ret = false;
	if (!e->seq)
		return true;
	if (!database_prepare(j,
		    "SELECT 1 FROM event WHERE seq = ?1 AND rebuild = ?2 AND at_ms = ?3 AND kind = ?4", &s,
		    err))
		return false;
	statement_bind_int(s, 1, e->seq);
	statement_bind_text(s, 2, e->rebuild);
	statement_bind_int(s, 3, e->at_ms);
	statement_bind_text(s, 4, KIND_NAMES[e->kind]);
	return statement_next(s, ret, err);
}

/* What has happened is written down in any case; what is meant or concluded, only by who drives the rebuild. */
static bool is_for_the_holder(const struct event *e)
{
	return e->kind == EVENT_INTENT || (e->epoch && e->kind != EVENT_OUTCOME);
}

static bool append_one(struct journal *j, const struct event *e, struct error *err)
{
	static const char SQL[] =
		"INSERT INTO event (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
		"?11, ?12, ?13)";
	auto_statement *s = NULL;

	if (is_for_the_holder(e) && !lease_check(j, e->rebuild, e->epoch, err))
		return false;
	if (!database_prepare(j, SQL, &s, err))
		return false;
	bind(s, e);
	return statement_run(s, err);
}

struct batch {
	struct event *events;
	size_t count;
};

static bool append_all(struct journal *j, void *arg, struct error *err)
{
	const struct batch *b = arg;
	int64_t seq;

	if (!database_number(j, "SELECT COALESCE(MAX(seq), 0) FROM event", &seq, err))
		return false;
	for (size_t i = 0; i < b->count; i++) {
		bool taken;

		if (!was_taken(j, &b->events[i], &taken, err))
			return false;
		if (taken)
			continue;
		b->events[i].seq = ++seq;
		if (!append_one(j, &b->events[i], err))
			return false;
	}
	return true;
}

bool journal_append(struct journal *j, struct event *events, size_t count, struct error *err)
{
	struct batch b = { events, count };

	return count == 0 || database_transaction(j, append_all, &b, err);
}

bool journal_events(struct journal *j, const char *rebuild, int64_t after_seq, event_sink *show, void *self,
	struct error *err)
{
	static const char SQL[] = "SELECT " COLUMNS " FROM event"
				  " WHERE (?1 IS NULL OR rebuild = ?1) AND seq > ?2 ORDER BY seq";
	auto_statement *s = NULL;
	bool found;

	if (!database_prepare(j, SQL, &s, err))
		return false;
	statement_bind_text(s, 1, rebuild);
	statement_bind_int(s, 2, after_seq);
	while (statement_next(s, &found, err) && found) {
		struct event e = read_row(s);

		if (!show(self, &e))
			return true;
	}
	return err->kind == ERROR_NONE;
}
