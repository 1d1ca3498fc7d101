/* summary.h: the final figures of a run, for people and as JSON. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "journal/record.h"
#include "report/style.h"
#include "wire/json.h"

/* Texts are borrowed; NULL or "" if absent. */
struct summary_rebuild {
	struct record record; /* volumes and addresses: JSON arrays or objects */
	int64_t outage_ms;    /* as long as clients waited; -1: the window was never opened */
	int64_t took_ms;
	const char *next; /* the command to go on with, if any */
};

struct summary {
	const char *result; /* the run's: "done", "rolled-back", "parked", "failed", ... */
	const struct summary_rebuild *rebuilds;
	size_t count;
	struct {
		unsigned calls, mutations, throttled, retries;
	} api; /* all 0: left out */
};

void summary_text(const struct summary *s, const struct style *style, struct text *ret);

/* One document with format_version; the caller owns it. */
json_t *summary_json(const struct summary *s) MUST_USE;

/* A record as JSON: the members that every document about rebuilds shares. The caller owns it. */
json_t *record_json(const struct record *r) MUST_USE;
#endif
