#include "rebuild/step.h"

#include <string.h>

static bool row_check(const struct step *s, struct error *err)
{
	if (!s->name || !s->summary)
		return error_set(err, ERROR_BUG, "step without a name or a summary");
	if (!s->only_back && !s->gives)
		return error_set(err, ERROR_BUG, "%s: no fact comes of it", s->name);
	if (!s->only_back && (!s->proved || (!s->act && !s->look)))
		return error_set(err, ERROR_BUG, "%s: proved and one of act and look are required", s->name);
	if (!s->undo != !s->undone)
		return error_set(err, ERROR_BUG, "%s: undo and undone belong together", s->name);
	return true;
}

bool step_table_check(const struct step *const *table, struct error *err)
{
	unsigned given = 0;

	for (const struct step *const *s = table; *s; s++) {
		if (!row_check(*s, err))
			return false;
		if ((*s)->needs & ~given)
			return error_set(
				err, ERROR_BUG, "%s: needs a fact that no earlier step gives", (*s)->name);
		given |= (*s)->gives;
		for (const struct step *const *t = table; t < s; t++)
			if (!strcmp((*s)->name, (*t)->name))
				return error_set(err, ERROR_BUG, "%s: listed twice", (*s)->name);
	}
	return true;
}
