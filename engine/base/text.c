#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 64, WORD_MAX = 64 };

void text_init(struct text *t, size_t limit)
{
	*t = (struct text){ .limit = limit, .size = FIRST_SIZE, .bytes = malloc(FIRST_SIZE) };
	if (!t->bytes)
		abort();
	t->bytes[0] = '\0';
}

static void reserve(struct text *t, size_t len)
{
	size_t size = t->size;

	while (size < len + 1)
		size *= 2;
	if (size == t->size)
		return;
	t->bytes = realloc(t->bytes, size);
	if (!t->bytes)
		abort();
	t->size = size;
}

void text_add_bytes(struct text *t, const void *bytes, size_t len)
{
	if (len > t->limit - t->len) {
		len = t->limit - t->len;
		t->cut = true;
	}
	if (!len)
		return;
	reserve(t, t->len + len);
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void text_add_char(struct text *t, char c)
{
	text_add_bytes(t, &c, 1);
}

void text_addf(struct text *t, const char *fmt, ...)
{
	auto_free char *formatted = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&formatted, fmt, ap);
	va_end(ap);
	if (len < 0)
		abort();
	text_add_bytes(t, formatted, (size_t)len);
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->cut = false;
	t->bytes[0] = '\0';
}

char *text_take(struct text *t)
{
	char *bytes = t->bytes;

	text_init(t, t->limit);
	return bytes;
}

void text_release(struct text *t)
{
	free(t->bytes);
	*t = (struct text){ .bytes = NULL };
}

bool text_copy(char *dest, size_t size, const char *src)
{
	size_t len = strlen(src);
	bool fits = len < size;

	if (!fits)
		len = size - 1;
	memcpy(dest, src, len);
	dest[len] = '\0';
	return fits;
}

void text_append(char *dest, size_t size, const char *fmt, ...)
{
	size_t len = strlen(dest);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(dest + len, size - len, fmt, ap);
	va_end(ap);
}

bool text_is_empty(const char *s)
{
	return !s || !*s;
}

bool text_starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

bool text_ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), tail = strlen(suffix);

	return len >= tail && !strcmp(s + len - tail, suffix);
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/*
 * How many slips make b of a: a letter too many, too few or wrong, or two that changed places
 * (optimal string alignment). Row i of the table, for the first i letters of a, is rows[i % 3].
 * Both words are shorter than WORD_MAX.
 */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], height = strlen(a), width = strlen(b);

	for (size_t j = 0; j <= width; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= height; i++) {
		size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *swapped = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] =
				smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smallest(row[j], swapped[j - 2] + 1, row[j]);
		}
	}
	return rows[height % 3][width];
}

const char *text_nearest(const char *word, const char *const *options, size_t count)
{
	size_t best = strlen(word) < 5 ? 2 : 3; /* a third of a word is a slip; more is another word */
	const char *nearest = NULL;

	if (strlen(word) >= WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d = strlen(options[i]) < WORD_MAX ? distance(word, options[i]) : best;

		if (d < best) {
			best = d;
			nearest = options[i];
		}
	}
	return nearest;
}
