#include "plan/read.h"

#include <string.h>

#include "plan/complain.h"
#include "plan/keys.h"
#include "plan/plan.h"
#include "plan/scalar.h"
#include "plan/shape.h"

enum { TAG_NAME_MAX = 128, TAG_VALUE_MAX = 256 }; /* EC2's, in characters */

struct reading {
	struct arena *arena;
	struct diagnostics *diagnostics;
	struct shapes shapes;
};

/*
 * A reader takes a row, the node that stands for it, and base: the struct plan, or the struct of a
 * list's item, that the row's place is in.
 */
typedef void reader(struct reading *r, const struct key *k, const struct yaml_node *n, char *base);

static reader read_value, read_default;

static void put_number(const struct key *k, char *base, int64_t value)
{
	bool as_bool = value;
	int as_int = (int)value;

	switch (k->place.width) {
	case sizeof(as_bool):
		memcpy(base + k->place.at, &as_bool, sizeof(as_bool));
		break;
	case sizeof(as_int):
		memcpy(base + k->place.at, &as_int, sizeof(as_int));
		break;
	case sizeof(value):
		memcpy(base + k->place.at, &value, sizeof(value));
		break;
	}
}

static void put_text(struct reading *r, const struct key *k, const char *text, char *base)
{
	const char *copy;

	if (!k->place.width)
		return;
	copy = arena_copy(r->arena, text);
	memcpy(base + k->place.at, &copy, sizeof(copy));
}

static void put_list(const struct key *k, const void *items, size_t count, char *base)
{
	memcpy(base + k->place.at, &items, sizeof(items));
	memcpy(base + k->place.count_at, &count, sizeof(count));
}

static void read_text(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	if (n->kind != YAML_SCALAR || scalar_kind(n) != SCALAR_TEXT ||
		!shapes_fit(&r->shapes, k->shape, n->text))
		complain_mismatch(r->diagnostics, k, n);
	else
		put_text(r, k, n->text, base);
}

static bool in_range(const struct key *k, int64_t value)
{
	return value >= k->min && (!k->max || value <= k->max);
}

static void read_number(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	int64_t value;

	if (n->kind != YAML_SCALAR || n->quoted || !scalar_number(n->text, &value) || !in_range(k, value))
		complain_mismatch(r->diagnostics, k, n);
	else
		put_number(k, base, value);
}

static void read_time(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	int64_t ms;

	if (n->kind != YAML_SCALAR || !scalar_time(n->text, &ms) || !in_range(k, ms))
		complain_mismatch(r->diagnostics, k, n);
	else
		put_number(k, base, ms);
}

static void read_share(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	struct plan_share share;

	if (n->kind != YAML_SCALAR || !scalar_share(n->text, &share) || !in_range(k, share.amount))
		complain_mismatch(r->diagnostics, k, n);
	else if (k->place.width)
		memcpy(base + k->place.at, &share, sizeof(share));
}

static const struct key_word *find_word(const struct key_word *words, const char *text)
{
	for (; words->word; words++)
		if (!strcmp(words->word, text))
			return words;
	return NULL;
}

static void read_word(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	const struct key_word *word = NULL;

	if (n->kind != YAML_SCALAR || scalar_kind(n) == SCALAR_NOTHING ||
		(k->type == KEY_BOOL && n->quoted)) {
		complain_mismatch(r->diagnostics, k, n);
		return;
	}
	word = find_word(k->words, n->text);
	if (!word)
		complain_unknown_word(r->diagnostics, k, n);
	else if (word->unsupported)
		complain_unsupported(r->diagnostics, k, word, n);
	else
		put_number(k, base, word->value);
}

static size_t characters(const char *s)
{
	size_t count = 0;

	for (; *s; s++)
		count += (*s & 0xc0) != 0x80;
	return count;
}

static bool pair_is_good(struct reading *r, const struct key *k, const struct yaml_node *n)
{
	size_t before = r->diagnostics->count + r->diagnostics->dropped;

	if (n->key->twin)
		complain_duplicate_key(r->diagnostics, n->key);
	else if (n->kind != YAML_SCALAR || scalar_kind(n) != SCALAR_TEXT)
		complain_mismatch(r->diagnostics, k, n);
	else if (!n->key->text[0] || characters(n->key->text) > TAG_NAME_MAX ||
		 characters(n->text) > TAG_VALUE_MAX)
		diagnostics_add(r->diagnostics, n->key->line, n->key->column,
			"`%s`: a tag's name has 1 to %d characters, its value at most %d", k->path,
			TAG_NAME_MAX, TAG_VALUE_MAX);
	return r->diagnostics->count + r->diagnostics->dropped == before;
}

static void read_pairs(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	struct plan_pair *pairs;
	size_t count = 0;

	if (n->kind != YAML_MAPPING || !in_range(k, (int64_t)n->count)) {
		complain_mismatch(r->diagnostics, k, n);
		return;
	}
	pairs = arena_array(r->arena, n->count, sizeof(*pairs));
	for (const struct yaml_node *v = n->first; v; v = v->next) {
		if (!pair_is_good(r, k, v))
			continue;
		pairs[count].key = arena_copy(r->arena, v->key->text);
		pairs[count++].value = arena_copy(r->arena, v->text);
	}
	if (k->place.item_size)
		put_list(k, pairs, count, base);
	else if (k->place.width)
		memcpy(base + k->place.at, pairs, sizeof(*pairs));
}

/* What of a list's item must differ from the other items': the item itself, or its key of that name. */
static const struct yaml_node *distinct_part(const struct yaml_node *item, const char *name)
{
	const struct yaml_node *part = name ? yaml_find(item, name) : item;

	return part && part->kind == YAML_SCALAR ? part : NULL;
}

static void check_unique(
	struct reading *r, const struct key *k, const struct yaml_node *list, const char *name)
{
	for (const struct yaml_node *n = list->first; n; n = n->next) {
		const struct yaml_node *part = distinct_part(n, name), *other = NULL;

		for (const struct yaml_node *m = list->first; part && m != n && !other; m = m->next) {
			other = distinct_part(m, name);
			if (other && strcmp(other->text, part->text) != 0)
				other = NULL;
		}
		if (other)
			complain_twin(r->diagnostics, k, part, other);
	}
}

static void check_items_differ(struct reading *r, const struct key *k, const struct yaml_node *n)
{
	const struct key *item = keys_item(k), *part = NULL;

	if (k->unique)
		check_unique(r, item, n, NULL);
	while (item->type == KEY_SECTION && (part = keys_next(item, part)))
		if (part->unique && part->type != KEY_LIST)
			check_unique(r, part, n, key_name(part));
}

static void read_items(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	const struct key *item = keys_item(k);
	size_t size = k->place.item_size;
	char *items = size ? arena_array(r->arena, n->count, size) : NULL;
	char *at = items ? items : base;

	/* A list that is not kept as one (switch) puts what its items say where it stands itself. */
	for (const struct yaml_node *i = n->first; i; i = i->next, at += size)
		read_value(r, item, i, at);
	if (items)
		put_list(k, items, n->count, base);
}

static void read_list(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	const struct key_word *word =
		k->words && n->kind == YAML_SCALAR ? find_word(k->words, n->text) : NULL;
	bool stood = true;

	if (word) {
		memcpy(base + k->place.word_at, &stood, sizeof(stood));
	} else if (n->kind != YAML_SEQUENCE || !in_range(k, (int64_t)n->count)) {
		complain_mismatch(r->diagnostics, k, n);
	} else {
		read_items(r, k, n, base);
		check_items_differ(r, k, n);
	}
}

static void read_member(struct reading *r, const struct key *section, const struct yaml_node *n, char *base)
{
	const struct key *k = keys_child(section, n->key->text);

	if (!k)
		complain_unknown_key(r->diagnostics, section, n->key);
	else if (n->key->twin)
		complain_duplicate_key(r->diagnostics, n->key);
	else
		read_value(r, k, n, base);
}

static bool has_choices(const struct key *section)
{
	const struct key *k = NULL;

	while ((k = keys_next(section, k)))
		if (k->choice)
			return true;
	return false;
}

static void read_choice(struct reading *r, const struct key *section, const struct yaml_node *n, char *base)
{
	const struct yaml_node *taken = NULL;

	for (const struct yaml_node *v = n->first; v; v = v->next) {
		const struct key *k = keys_child(section, v->key->text);

		if (!k || !k->choice || v->key->twin)
			continue;
		if (taken)
			complain_two_choices(r->diagnostics, section, taken, v->key);
		else
			put_number(section, base, k->chosen);
		taken = v->key;
	}
	if (!taken)
		complain_no_choice(r->diagnostics, section, n);
}

static void read_section(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	const struct key *below = NULL;

	if (n->kind != YAML_MAPPING) {
		complain_mismatch(r->diagnostics, k, n);
		return;
	}
	for (const struct yaml_node *v = n->first; v; v = v->next)
		read_member(r, k, v, base);
	while ((below = keys_next(k, below))) {
		if (yaml_find(n, key_name(below)))
			continue;
		if (below->required)
			complain_missing(r->diagnostics, k, below, n);
		else
			read_default(r, below, n, base);
	}
	if (has_choices(k))
		read_choice(r, k, n, base);
}

/* A section that is left out has its keys' defaults all the same, unless it was one choice of several. */
static void read_default(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	struct yaml_node standard = { .kind = YAML_SCALAR, .line = n->line, .column = n->column };
	const struct key *below = NULL;

	if (k->choice)
		return;
	if (k->standard) {
		standard.text = k->standard;
		read_value(r, k, &standard, base);
	}
	while (k->type == KEY_SECTION && (below = keys_next(k, below)))
		read_default(r, below, n, base);
}

static void read_value(struct reading *r, const struct key *k, const struct yaml_node *n, char *base)
{
	static reader *const READERS[] = {
		[KEY_SECTION] = read_section,
		[KEY_LIST] = read_list,
		[KEY_PAIRS] = read_pairs,
		[KEY_TEXT] = read_text,
		[KEY_NUMBER] = read_number,
		[KEY_BOOL] = read_word,
		[KEY_WORD] = read_word,
		[KEY_TIME] = read_time,
		[KEY_SHARE] = read_share,
	};

	if (k->unsupported)
		complain_unsupported(r->diagnostics, k, NULL, n->key ? n->key : n);
	READERS[k->type](r, k, n, base);
}

void plan_read(const struct yaml_node *root, struct plan *plan, struct diagnostics *diagnostics)
{
	struct reading r = { .arena = &plan->arena, .diagnostics = diagnostics, .shapes = SHAPES_INIT };

	read_value(&r, keys_root(), root, (char *)plan);
	shapes_release(&r.shapes);
}
