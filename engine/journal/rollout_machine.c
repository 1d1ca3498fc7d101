/* rollout_machine.c: the rows of a rollout's machines. */
#include <string.h>

#include "base/compiler.h"
#include "journal/rollout_rows.h"
#include "journal/schema.h"

bool rollout_has_tables(const struct journal *j)
{
	return j->version >= SCHEMA_WITH_ROLLOUTS;
}

#define MACHINE_COLUMNS                                                                                      \
	"machine, grp, zone, stage, state, rebuild, cause, number, tries, due_ms, took_ms, began_ms, "       \
	"ended_ms"

static const size_t MACHINE_TEXTS[] = {
	offsetof(struct machine_record, machine),
	offsetof(struct machine_record, group),
	offsetof(struct machine_record, zone),
	offsetof(struct machine_record, stage),
	offsetof(struct machine_record, state),
	offsetof(struct machine_record, rebuild),
	offsetof(struct machine_record, cause),
};

static const size_t MACHINE_NUMBERS[] = {
	offsetof(struct machine_record, number),
	offsetof(struct machine_record, tries),
	offsetof(struct machine_record, due_ms),
	offsetof(struct machine_record, took_ms),
	offsetof(struct machine_record, began_ms),
	offsetof(struct machine_record, ended_ms),
	offsetof(struct machine_record, seat),
};

static int64_t *number_at(void *row, size_t offset)
{
	return (int64_t *)(void *)((char *)row + offset);
}

#define MACHINES(seat)                                                                                       \
	"SELECT " MACHINE_COLUMNS ", " seat " FROM rollout_machine WHERE rollout = ?1 AND version > ?2"      \
	" ORDER BY number"

static const char WITH_SEATS[] = MACHINES("seat"), WITHOUT_SEATS[] = MACHINES("0");

bool rollout_record_machines(struct journal *j, const char *id, int64_t after_version, machine_sink *show,
	void *self, struct error *err)
{
	auto_statement *s = NULL;
	bool found;

	if (!rollout_has_tables(j))
		return true;
	if (!database_prepare(j, j->version < SCHEMA_WITH_SEATS ? WITHOUT_SEATS : WITH_SEATS, &s, err))
		return false;
	statement_bind_text(s, 1, id);
	statement_bind_int(s, 2, after_version);
	while (statement_next(s, &found, err)) {
		struct machine_record m;

		if (!found)
			return true;
		statement_texts(s, MACHINE_TEXTS, ARRAY_SIZE(MACHINE_TEXTS), &m, NULL);
		for (size_t i = 0; i < ARRAY_SIZE(MACHINE_NUMBERS); i++)
			*number_at(&m, MACHINE_NUMBERS[i]) =
				statement_int(s, (int)(ARRAY_SIZE(MACHINE_TEXTS) + i));
		if (!show(self, &m))
			return true;
	}
	return false;
}

static void bind_machine(struct statement *s, const struct machine_record *m)
{
	struct machine_record copy = *m;

	statement_bind_texts(s, MACHINE_TEXTS, ARRAY_SIZE(MACHINE_TEXTS), m);
	for (size_t i = 0; i < ARRAY_SIZE(MACHINE_NUMBERS); i++)
		statement_bind_int(
			s, (int)(ARRAY_SIZE(MACHINE_TEXTS) + i + 1), *number_at(&copy, MACHINE_NUMBERS[i]));
}

enum { MACHINE_ROLLOUT = ARRAY_SIZE(MACHINE_TEXTS) + ARRAY_SIZE(MACHINE_NUMBERS) + 1, MACHINE_VERSION };

bool rollout_machine_add(
	struct journal *j, const char *rollout, const struct machine_record *m, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "INSERT INTO rollout_machine (" MACHINE_COLUMNS ", seat, rollout, version) VALUES "
		    "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
		    &s, err))
		return false;
	bind_machine(s, m);
	statement_bind_text(s, MACHINE_ROLLOUT, rollout);
	statement_bind_int(s, MACHINE_VERSION, 1);
	return statement_run(s, err);
}

bool rollout_machine_update(struct journal *j, const char *rollout, int64_t version,
	const struct machine_record *m, struct error *err)
{
	auto_statement *s = NULL;

	if (!database_prepare(j,
		    "UPDATE rollout_machine SET state = ?1, rebuild = ?2, cause = ?3, tries = ?4, due_ms = "
		    "?5, took_ms = ?6, began_ms = ?7, ended_ms = ?8, seat = ?9, version = ?10 "
		    "WHERE rollout = ?11 AND number = ?12",
		    &s, err))
		return false;
	statement_bind_text(s, 1, m->state);
	statement_bind_text(s, 2, m->rebuild);
	statement_bind_text(s, 3, m->cause);
	statement_bind_int(s, 4, m->tries);
	statement_bind_int(s, 5, m->due_ms);
	statement_bind_int(s, 6, m->took_ms);
	statement_bind_int(s, 7, m->began_ms);
	statement_bind_int(s, 8, m->ended_ms);
	statement_bind_int(s, 9, m->seat);
	statement_bind_int(s, 10, version);
	statement_bind_text(s, 11, rollout);
	statement_bind_int(s, 12, m->number);
	return statement_run(s, err);
}
