/*
 * rollout_report.h: what came of a rollout: "48 of 50 machines rebuilt, 1 rolled back (readiness: http
 * 503), 1 unreachable", then each cause with its machines, then each machine.
 */
#ifndef REPORT_ROLLOUT_REPORT_H
#define REPORT_ROLLOUT_REPORT_H

#include "base/text.h"
#include "report/standing.h"
#include "wire/json.h"

/* The standing must have been summed. */
void rollout_report_text(const struct standing *s, const struct style *style, struct text *ret);

/*
 * For a pull request or a step summary of GitHub, which takes 1 MiB at most: of very many machines only
 * the first REPORT_ROWS_MAX have a row.
 */
enum { REPORT_ROWS_MAX = 1000 };
void rollout_report_markdown(const struct standing *s, struct text *ret);

/* One object, without format_version; the caller owns it. */
json_t *rollout_report_json(const struct standing *s) MUST_USE;
#endif
