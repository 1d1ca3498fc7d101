#include "report/fact.h"

#include <stdbool.h>

#include "report/style.h"

static bool has(const char *text)
{
	return text && *text;
}

void fact_add(const char *name, const char *value, const char *more, struct text *ret)
{
	if (!has(value))
		return;
	text_addf(ret, "  %-15s ", name);
	style_clean(value, ret);
	if (has(more)) {
		text_add(ret, "  ");
		style_clean(more, ret);
	}
	text_add(ret, "\n");
}
