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

static bool wait_until_released(
	const struct cli *cli, struct journal *j, const char *rebuild, struct error *err)
{
	char holder[LEASE_TEXT_SIZE];

	do {
		pause_a_little();
		if (!lease_describe(j, rebuild, clock_wall_ms(cli->clock), holder, err))
			return false;
	} while (holder[0]);
	return true;
}

bool operator_ask(const struct cli *cli, struct journal *j, const struct journal_wish *q, struct arena *a,
	struct record *ret, bool *heard, struct error *err)
{
	char holder[LEASE_TEXT_SIZE];
	bool found;

	if (!lease_describe(j, q->rebuild, clock_wall_ms(cli->clock), holder, err))
		return false;
	*heard = holder[0] != '\0';
	if (!*heard)
		return wish_remove(j, q->rebuild, err);
	if (!wish_put(j, q, clock_wall_ms(cli->clock), err))
		return false;
	message_note(cli, "asked %s; waiting until it has ended", holder);
	if (!wait_until_released(cli, j, q->rebuild, err))
		return false;
	/* If it died before it heard, the request must not meet the next one that drives the rebuild. */
	return wish_remove(j, q->rebuild, err) && record_find(j, q->rebuild, a, ret, &found, err);
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
