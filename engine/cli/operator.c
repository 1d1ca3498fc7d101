#include "cli/operator.h"

#include <time.h>

#include "base/clock.h"
#include "cli/message.h"
#include "journal/lease.h"

enum { POLL_MS = 200 };

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = POLL_MS * 1000L * 1000 }, NULL);
}

static bool wait_until_it_ends(const struct cli *cli, struct journal *j, const struct journal_wish *q,
	struct lease_view *ret, struct error *err)
{
	do {
		pause_a_little();
		if (!lease_look(j, q->rebuild, clock_wall_ms(cli->clock), ret, err))
			return false;
	} while (ret->state == LEASE_HELD_ALIVE && ret->epoch == q->epoch);
	return true;
}

/* Whoever goes on with it was not asked, and may want something else. */
static bool taken_over(const char *rebuild, const char *by, struct error *err)
{
	error_set(err, ERROR_CONFLICT, "rebuild %s was taken over, and is being driven by %s", rebuild, by);
	error_set_code(err, LEASE_HELD);
	return error_hint(err, "what was asked was asked of the one before; the same command asks this one");
}

bool operator_ask(const struct cli *cli, struct journal *j, struct journal_wish *q, struct arena *a,
	struct record *record, bool *heard, struct error *err)
{
	/* Of one that is put back after its end, or whose blue is kept, the record says so all the time. */
	bool was_over = record_state_is_final(record->state), found;
	struct lease_view driver;

	if (!wish_put(j, q, clock_wall_ms(cli->clock), &driver, err))
		return false;
	*heard = driver.state == LEASE_HELD_ALIVE;
	if (*heard) {
		message_note(cli, "asked %s; waiting until it has ended", driver.who);
		if (!wait_until_it_ends(cli, j, q, &driver, err) || !wish_remove(j, q, err))
			return false;
	}
	/* Also if nobody drives it: whoever did may have ended since the caller read the record. */
	if (!record_find(j, q->rebuild, a, record, &found, err))
		return false;
	if (driver.state == LEASE_HELD_ALIVE && (was_over || !record_state_is_final(record->state)))
		return taken_over(q->rebuild, driver.who, err);
	return true;
}

enum exit_code operator_code(enum record_state s)
{
	switch (s) {
	case RECORD_DONE:
		return EXIT_DONE;
	case RECORD_ROLLED_BACK:
		return EXIT_ROLLED_BACK;
	case RECORD_FAILED:
		return EXIT_FAILED;
	case RECORD_PLANNED:
	case RECORD_RUNNING:
	case RECORD_PARKED:
	case RECORD_STATE_COUNT:
		break;
	}
	return EXIT_PARKED;
}
