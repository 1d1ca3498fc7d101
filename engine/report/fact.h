/* fact.h: what is known of a thing, a line each: "  plan            acme". */
#ifndef REPORT_FACT_H
#define REPORT_FACT_H

#include "base/text.h"

/* A whole line, cleaned; nothing if the value is NULL or "". more stands behind it, if it is there. */
void fact_add(const char *name, const char *value, const char *more, struct text *ret);
#endif
