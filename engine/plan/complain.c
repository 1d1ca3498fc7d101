#include "plan/complain.h"

#include <string.h>

#include "plan/scalar.h"
#include "plan/wording.h"

enum { MESSAGE_MAX = 1000, OPTIONS_MAX = 32 };

static void add(struct diagnostics *d, const struct yaml_node *n, const struct text *message)
{
	diagnostics_add(d, n->line, n->column, "%s", message->bytes);
}

/* Quotes make a text of what would be a number, and the other way round: the commonest slip. */
static const char *advice(const struct key *k, const struct yaml_node *n)
{
	bool wants_text = k->type == KEY_TEXT || k->type == KEY_PAIRS;

	if (n->kind != YAML_SCALAR || scalar_kind(n) == SCALAR_NOTHING)
		return "";
	if (wants_text && scalar_kind(n) != SCALAR_TEXT)
		return ": put it in quotes";
	if ((k->type == KEY_NUMBER || k->type == KEY_BOOL) && n->quoted)
		return ": write it without quotes";
	return "";
}

static void add_mismatch(struct text *ret, const struct key *k, const struct yaml_node *n)
{
	if (k->path[0])
		text_addf(ret, "`%s`: ", k->path);
	text_add(ret, "expected ");
	wording_add_expected(ret, k);
	text_add(ret, ", found ");
	scalar_add_found(ret, n);
}

void complain_mismatch(struct diagnostics *d, const struct key *k, const struct yaml_node *n)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	add_mismatch(&message, k, n);
	text_add(&message, advice(k, n));
	add(d, n, &message);
}

void complain_unknown_word(struct diagnostics *d, const struct key *k, const struct yaml_node *n)
{
	const char *options[OPTIONS_MAX], *nearest;
	size_t count = 0;
	auto_text message;

	for (const struct key_word *w = k->words; w->word && count < OPTIONS_MAX; w++)
		options[count++] = w->word;
	nearest = text_nearest(n->text, options, count);
	text_init(&message, MESSAGE_MAX);
	add_mismatch(&message, k, n);
	if (nearest)
		text_addf(&message, ": did you mean `%s`?", nearest);
	add(d, n, &message);
}

/* A name of the section that looks like word, or NULL. */
static const char *nearest_below(const struct key *section, const char *word)
{
	const char *options[OPTIONS_MAX];
	const struct key *k = NULL;
	size_t count = 0;

	while ((k = keys_next(section, k)) && count < OPTIONS_MAX)
		options[count++] = key_name(k);
	return text_nearest(word, options, count);
}

/* The path of the only key of that very name, if it belongs into a section, though another one; or NULL. */
static const char *elsewhere(const char *word)
{
	const char *found = NULL;
	size_t count;
	const struct key *all = keys_all(&count);

	for (size_t i = 1; i < count; i++) {
		if (strcmp(key_name(&all[i]), word) != 0)
			continue;
		if (found || !strcmp(all[i].path, word))
			return NULL;
		found = all[i].path;
	}
	return found;
}

void complain_unknown_key(struct diagnostics *d, const struct key *section, const struct yaml_node *key)
{
	const char *meant = nearest_below(section, key->text);
	auto_text message;

	if (!meant)
		meant = elsewhere(key->text);
	text_init(&message, MESSAGE_MAX);
	text_add(&message, "unknown key ");
	scalar_add_found(&message, key);
	wording_add_where(&message, section);
	if (meant) {
		text_addf(&message, ": did you mean `%s`?", meant);
	} else {
		text_add(&message, ": there are ");
		wording_add_names(&message, section);
	}
	add(d, key, &message);
}

void complain_duplicate_key(struct diagnostics *d, const struct yaml_node *key)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	text_add(&message, "duplicate key ");
	scalar_add_found(&message, key);
	text_addf(&message, ": it stands in line %d already", key->twin->line);
	add(d, key, &message);
}

void complain_missing(
	struct diagnostics *d, const struct key *section, const struct key *k, const struct yaml_node *n)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	text_addf(&message, "missing key `%s`", key_name(k));
	wording_add_where(&message, section);
	text_addf(&message, ": %s", k->required);
	add(d, n, &message);
}

void complain_unsupported(
	struct diagnostics *d, const struct key *k, const struct key_word *word, const struct yaml_node *n)
{
	if (word)
		diagnostics_add(d, n->line, n->column, "`%s: %s` is not supported yet: %s", k->path,
			word->word, word->unsupported);
	else
		diagnostics_add(
			d, n->line, n->column, "`%s` is not supported yet: %s", k->path, k->unsupported);
}

void complain_no_choice(struct diagnostics *d, const struct key *section, const struct yaml_node *n)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	text_addf(&message, "`%s` needs ", section->path);
	wording_add_choices(&message, section);
	add(d, n, &message);
}

void complain_two_choices(struct diagnostics *d, const struct key *section, const struct yaml_node *first,
	const struct yaml_node *second)
{
	diagnostics_add(d, second->line, second->column, "`%s` takes only one of `%s` and `%s`",
		section->path, first->text, second->text);
}

void complain_twin(struct diagnostics *d, const struct key *k, const struct yaml_node *n,
	const struct yaml_node *earlier)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	text_addf(&message, "`%s`: ", k->path);
	scalar_add_found(&message, n);
	text_addf(&message, " stands in line %d already", earlier->line);
	add(d, n, &message);
}
