#include "cli/begin.h"

#include "cli/message.h"
#include "run/lineage.h"

/*
 * A blue that is kept: its rebuild is gone on with, whether its time has passed or not. Somebody with another
 * journal may have begun to put blue back since then; green alone does not show that.
 */
static bool add_kept(struct session *s, const struct record *kept, struct error *err)
{
	struct rebuild_past past;
	int64_t until_ms;
	char text[CLOCK_TEXT_SIZE];

	if (!lineage_past(s->journal, kept, s->plan, &s->arena, &past, err))
		return false;
	until_ms = past.confirmed_wall_ms + s->plan->keep_ms;
	if (past.volume_count != s->plan->data_count) {
		message_note(s->cli, "%s is kept: the plan has other volumes than when %s replaced it",
			kept->blue, kept->green);
		return true;
	}
	if (clock_wall_ms(s->cli->clock) < until_ms)
		message_note(s->cli, "%s, replaced by %s, is kept until %s", kept->blue, kept->green,
			clock_format(until_ms, text));
	return run_add_unfinished(s->run, kept, err);
}

bool begin_machine(struct session *s, void *arg, const char *instance_id, struct error *err)
{
	struct lineage lineage;

	(void)arg;
	if (!lineage_find(s->journal, instance_id, &s->arena, &lineage, err))
		return false;
	if (lineage.is_kept && !add_kept(s, &lineage.kept, err))
		return false;
	if (!lineage.is_unfinished) {
		run_add(s->run, lineage.current);
		return true;
	}
	message_note(s->cli, "going on with rebuild %s of %s, which has not come to its end",
		lineage.unfinished.id, lineage.unfinished.blue);
	return run_add_unfinished(s->run, &lineage.unfinished, err);
}
