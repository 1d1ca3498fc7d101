#include "plan/keys.h"

#include <string.h>

#include "plan/table.h"

const struct key *keys_all(size_t *ret_count)
{
	*ret_count = key_table_count;
	return key_table;
}

const struct key *keys_root(void)
{
	return key_table;
}

/* What of a child's path comes after its section's; NULL if it is not directly below. */
static const char *name_below(const struct key *section, const struct key *k)
{
	size_t len = strlen(section->path);
	const char *name = k->path + len;

	if (k == section || strncmp(k->path, section->path, len) != 0)
		return NULL;
	if (len && *name++ != '.')
		return NULL;
	return strpbrk(name, ".[") ? NULL : name;
}

const struct key *keys_next(const struct key *section, const struct key *after)
{
	for (const struct key *k = after ? after + 1 : section; k < key_table + key_table_count; k++)
		if (name_below(section, k))
			return k;
	return NULL;
}

const struct key *keys_child(const struct key *section, const char *name)
{
	const struct key *k = NULL;

	while ((k = keys_next(section, k)))
		if (!strcmp(name_below(section, k), name))
			return k;
	return NULL;
}

const struct key *keys_item(const struct key *list)
{
	size_t len = strlen(list->path);

	for (size_t i = 0; i < key_table_count; i++)
		if (!strncmp(key_table[i].path, list->path, len) && !strcmp(key_table[i].path + len, "[]"))
			return &key_table[i];
	return NULL;
}

const char *key_name(const struct key *k)
{
	const char *dot = strrchr(k->path, '.');

	return dot ? dot + 1 : k->path;
}

static const struct key *find(const char *path, size_t len)
{
	for (size_t i = 0; i < key_table_count; i++)
		if (!strncmp(key_table[i].path, path, len) && !key_table[i].path[len])
			return &key_table[i];
	return NULL;
}

/* The section or list that a row belongs to. */
static const struct key *parent_of(const struct key *k)
{
	size_t len = strlen(k->path);
	const char *dot = strrchr(k->path, '.');

	if (len > 2 && !strcmp(k->path + len - 2, "[]"))
		return find(k->path, len - 2);
	return find(k->path, dot ? (size_t)(dot - k->path) : 0);
}

static bool row_check(const struct key *k, struct error *err)
{
	const struct key *parent = parent_of(k);

	if (!k->help || !k->help[0])
		return error_set(err, ERROR_BUG, "%s: a row needs help", k->path);
	if (!parent || (k != keys_root() && parent->type != KEY_SECTION && parent->type != KEY_LIST))
		return error_set(err, ERROR_BUG, "%s: there is no row above it", k->path);
	if (k->type == KEY_LIST && !keys_item(k))
		return error_set(err, ERROR_BUG, "%s: no row describes its items", k->path);
	if (k->type == KEY_SECTION && !keys_next(k, NULL))
		return error_set(err, ERROR_BUG, "%s: there is no row below it", k->path);
	if ((k->type == KEY_WORD || k->type == KEY_BOOL) != (k->words && k->type != KEY_LIST))
		return error_set(err, ERROR_BUG, "%s: words belong to words and bools", k->path);
	if (find(k->path, strlen(k->path)) != k)
		return error_set(err, ERROR_BUG, "%s: listed twice", k->path);
	return true;
}

bool keys_check(struct error *err)
{
	for (size_t i = 0; i < key_table_count; i++)
		if (!row_check(&key_table[i], err))
			return false;
	return true;
}
