#include "server/lock_slots.h"

#include <stdlib.h>
#include <string.h>

static bool read_number(const char *digits, int64_t *ret)
{
	char *end;

	if (*digits < '0' || *digits > '9')
		return false;
	*ret = strtoll(digits, &end, 10);
	return !*end && *ret >= 1 && *ret <= LOCK_SLOTS_MAX;
}

static bool refuse(const char *word, const char *why, struct error *err)
{
	error_set(err, ERROR_USAGE, "--slots: `%s` %s", word, why);
	return error_hint(
		err, "as in --slots 1,cluster-1=2: two of cluster-1 at a time, and one of any other");
}

/* The row of that name, of those that were read so far; NULL if there is none. */
static struct lock_slots_row *find(struct lock_slots_row *rows, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

struct reading {
	struct lock_slots_row *rows;
	struct lock_slots slots;
	bool has_others;
};

/* One word; it is cut in two at its last `=`, because names of locks may have one. */
static bool read_word(struct reading *r, char *word, struct error *err)
{
	char *equals = strrchr(word, '=');
	struct lock_slots_row row = { .name = word };

	if (!read_number(equals ? equals + 1 : word, &row.slots))
		return refuse(word, "does not end in a number of slots", err);
	if (!equals) {
		if (r->has_others)
			return refuse(word, "is the second number without a name", err);
		r->has_others = true;
		r->slots.others = row.slots;
		return true;
	}
	*equals = '\0';
	if (!*word || strlen(word) > LOCK_NAME_MAX)
		return refuse(word, "is no name of a lock", err);
	if (find(r->rows, r->slots.count, word))
		return refuse(word, "is named twice", err);
	r->rows[r->slots.count++] = row;
	return true;
}

static size_t count_words(const char *words)
{
	size_t count = 1;

	for (; *words; words++)
		count += *words == ',';
	return count;
}

bool lock_slots_read(const char *words, struct arena *a, struct lock_slots *ret, struct error *err)
{
	struct reading r = { .slots = { .others = 1 } };
	char *rest = arena_copy(a, words), *word;

	if (rest)
		r.rows = arena_array(a, count_words(rest), sizeof(*r.rows));
	while ((word = strsep(&rest, ",")))
		if (!read_word(&r, word, err))
			return false;
	r.slots.rows = r.rows;
	*ret = r.slots;
	return true;
}

int64_t lock_slots_of(const struct lock_slots *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->rows[i].name, name))
			return s->rows[i].slots;
	return s->others;
}

void lock_slots_apply(
	const struct lock_slots *s, struct lock_table *t, int64_t now_ms, struct lock_changes *changes)
{
	for (size_t i = 0; i < t->count; i++)
		lock_resize(t, t->locks[i], lock_slots_of(s, t->locks[i]->name), now_ms, changes);
}
