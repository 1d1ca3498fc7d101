#include "cli/likely.h"

#include <string.h>

#include "base/text.h"

enum { LIKELY_MAX = 3 }; /* ids that are proposed for a mistyped one */

/* How many ids begin so; ret has the first LIKELY_MAX of them. One that is the whole word is the only one. */
static size_t find_by_beginning(const struct likely *l, const char *beginning, size_t ret[LIKELY_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (!strcmp(l->ids[i], beginning)) {
			ret[0] = i;
			return 1;
		}
		if (text_starts_with(l->ids[i], beginning) && count++ < LIKELY_MAX)
			ret[count - 1] = i;
	}
	return count;
}

static bool begins_several(const struct likely *l, const char *beginning, const size_t found[LIKELY_MAX],
	size_t count, struct arena *a, struct error *err)
{
	const char *list = l->ids[found[0]];

	for (size_t i = 1; i < count && i < LIKELY_MAX; i++)
		list = arena_printf(a, "%s, %s", list, l->ids[found[i]]);
	return error_set(err, ERROR_USAGE, "%zu %ss begin with %s: %s%s", count, l->noun, beginning, list,
		count > LIKELY_MAX ? ", ..." : "");
}

/* "rb-1, rb-2 or rb-3": those that may have been meant, the nearest first, then the newest. */
static const char *likely_ids(const struct likely *l, const char *word, struct arena *a)
{
	const char **ids = arena_array(a, l->count, sizeof(*ids)), *near, *text = NULL;
	size_t left = l->count;

	memcpy(ids, l->ids, l->count * sizeof(*ids));
	for (int n = 0; n < LIKELY_MAX && (near = text_nearest(word, ids, left)); n++) {
		size_t i = 0;

		text = text ? arena_printf(a, "%s or %s", text, near) : near;
		while (ids[i] != near)
			i++;
		ids[i] = ids[--left];
	}
	return text ? arena_printf(a, "did you mean %s? The newest is %s", text, l->ids[0])
		    : arena_printf(a, "the newest is %s", l->ids[0]);
}

bool likely_find(const struct likely *l, const char *word, struct arena *a, size_t *ret, struct error *err)
{
	size_t found[LIKELY_MAX];
	size_t count = find_by_beginning(l, word, found);

	if (count == 1) {
		*ret = found[0];
		return true;
	}
	if (count)
		begins_several(l, word, found, count, a, err);
	else
		error_set(err, ERROR_MISSING, "there is no %s %s: %s", l->noun, word, likely_ids(l, word, a));
	return error_hint(
		err, "`changeover status` lists them; another journal is named with --journal or --store");
}
