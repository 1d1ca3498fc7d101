#include "plan/diagnostic.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

/*
 * A plan may come from anywhere, and its texts end up on a terminal: no control characters, be they
 * ASCII's or those of U+0080 to U+009F.
 */
static void disarm(char *s)
{
	for (unsigned char *at = (unsigned char *)s; *at; at++) {
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f)
			at[0] = at[1] = '?';
		else if (at[0] < ' ' || at[0] == 0x7f)
			at[0] = '?';
	}
}

void diagnostics_add(struct diagnostics *d, int line, int column, const char *fmt, ...)
{
	struct diagnostic item = { .line = line, .column = column };
	va_list ap;

	if (d->count == DIAGNOSTICS_MAX) {
		d->dropped++;
		return;
	}
	if (!d->items)
		d->items = alloc_zeroed(DIAGNOSTICS_MAX, sizeof(*d->items));
	va_start(ap, fmt);
	if (vasprintf(&item.message, fmt, ap) < 0)
		abort();
	va_end(ap);
	disarm(item.message);
	d->items[d->count++] = item;
}

static bool stands_before(const struct diagnostic *a, const struct diagnostic *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void diagnostics_sort(struct diagnostics *d)
{
	for (size_t i = 1; i < d->count; i++) {
		struct diagnostic item = d->items[i];
		size_t to = i;

		for (; to > 0 && stands_before(&item, &d->items[to - 1]); to--)
			d->items[to] = d->items[to - 1];
		d->items[to] = item;
	}
}

void diagnostics_release(struct diagnostics *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->items[i].message);
	free(d->items);
	*d = (struct diagnostics)DIAGNOSTICS_INIT;
}
