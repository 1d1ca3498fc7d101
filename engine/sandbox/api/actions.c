#include "sandbox/api/actions.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

static const struct action_set *const SETS[] = {
	&actions_launch,
	&actions_instances,
	&actions_statuses,
	&actions_attributes,
	&actions_volumes,
	&actions_snapshots,
	&actions_images,
	&actions_keys,
	&actions_addresses,
	&actions_tags,
	&actions_places,
	&actions_identity,
};

static const char COMMON_PARAMS[] = "Action! Version! DryRun";

enum { PARAM_MAX = 128 };

const struct action *action_find(const char *name, size_t *ret_number)
{
	for (size_t i = 0; i < action_count(); i++) {
		const struct action *a = action_at(i);

		if (!strcmp(a->name, name)) {
			*ret_number = i;
			return a;
		}
	}
	return NULL;
}

size_t action_count(void)
{
	size_t count = 0;

	for (size_t s = 0; s < ARRAY_SIZE(SETS); s++)
		count += SETS[s]->count;
	return count;
}

const struct action *action_at(size_t number)
{
	size_t s = 0;

	while (number >= SETS[s]->count)
		number -= SETS[s++]->count;
	return &SETS[s]->rows[number];
}

/* Copies the next word of *list into ret, without its !; false at the end. */
static bool next_word(const char **list, char ret[PARAM_MAX], bool *ret_required)
{
	size_t len;

	*list += strspn(*list, " ");
	len = strcspn(*list, " ");
	if (!len || len >= PARAM_MAX)
		return false;
	memcpy(ret, *list, len);
	*ret_required = ret[len - 1] == '!';
	ret[*ret_required ? len - 1 : len] = '\0';
	*list += len;
	return true;
}

/* "Filter.12.Value.3" as "Filter.N.Value.N": the form in which rows name parameters. */
static void generalise(const char *name, char ret[PARAM_MAX])
{
	size_t len = 0;
	bool starts = false; /* at the start of a part after the first */

	for (; *name && len + 1 < PARAM_MAX; name++) {
		if (starts && isdigit((unsigned char)*name)) {
			ret[len++] = 'N';
			name += strspn(name, "0123456789") - 1;
		} else {
			ret[len++] = *name;
		}
		starts = *name == '.';
	}
	ret[len] = '\0';
}

static bool list_has(const char *list, const char *name)
{
	char word[PARAM_MAX];
	bool required;

	while (next_word(&list, word, &required))
		if (!strcmp(word, name))
			return true;
	return false;
}

static bool check_required(const char *list, const struct request *r, struct error *err)
{
	char word[PARAM_MAX];
	bool required;

	while (next_word(&list, word, &required)) {
		const char *tail = strstr(word, ".N");
		const char *value;

		if (!required)
			continue;
		value = tail ? request_textf(r, "%.*s.1", (int)(tail - word), word) : request_text(r, word);
		if (!value || (!*value && !tail))
			return model_refuse(err, "MissingParameter",
				"The request must contain the parameter %.*s",
				tail ? (int)(tail - word) : (int)strlen(word), word);
	}
	return true;
}

bool action_check_params(const struct action *a, const struct request *r, struct error *err)
{
	char name[PARAM_MAX];

	for (size_t i = 0; i < r->form.count; i++) {
		generalise(r->form.pairs[i].name, name);
		if (!list_has(a->params, name) && !list_has(COMMON_PARAMS, name))
			return model_refuse(err, "UnknownParameter", "The parameter %s is not recognized",
				r->form.pairs[i].name);
	}
	return check_required(a->params, r, err);
}
