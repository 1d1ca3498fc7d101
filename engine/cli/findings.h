/* findings.h: what an audit found, for people and as JSON. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "cli/command.h"
#include "report/style.h"
#include "run/audit/audit.h"
#include "wire/json.h"

/* What became of a finding that was to be resolved. */
struct finding_end {
	bool tried;
	const char *why; /* it is still there; NULL: it was resolved */
};

/* One block for each finding, the most urgent first; now_ms is for "since". */
void findings_text(const struct findings *all, int64_t now_ms, const struct style *style, struct text *ret);

/* A JSON array; ends has one for each finding. The caller owns it. */
json_t *findings_json(const struct findings *all, const struct finding_end *ends) MUST_USE;
#endif
