/* event_json.h: an event as a JSON object, the same in --events=jsonl and in `history --json`. */
#ifndef REPORT_EVENT_JSON_H
#define REPORT_EVENT_JSON_H

#include "journal/event.h"
#include "wire/json.h"

/* The caller owns it. Members that the event does not have are left out. */
json_t *event_json(const struct event *e) MUST_USE;
#endif
