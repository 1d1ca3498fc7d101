/* jsonl.c: one JSON object per event and line, flushed at once: a reader follows it as it grows. */
#include "report/event_json.h"
#include "report/form.h"

static void jsonl_event(struct progress *p, const struct event *e, const struct track *t)
{
	auto_text line = { 0 };
	json_auto_t *object = event_json(e);

	(void)t;
	json_object_set_new(object, "format_version", json_integer(1));
	text_init(&line, JSON_BYTES_MAX);
	json_write(object, JSON_ON_ONE_LINE, &line);
	fprintf(p->options.out, "%s\n", line.bytes);
	fflush(p->options.out);
}

const struct form form_jsonl = { .name = "jsonl", .event = jsonl_event };
