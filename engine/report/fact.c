#include "report/fact.h"

#include <stdbool.h>

#include "report/style.h"

void fact_add(const char *name, const char *value, const char *more, struct text *ret)
{
	if (text_is_empty(value))
		return;
	text_addf(ret, "  %-15s ", name);
	style_clean(value, ret);
	if (!text_is_empty(more)) {
		text_add(ret, "  ");
		style_clean(more, ret);
	}
	text_add(ret, "\n");
}
