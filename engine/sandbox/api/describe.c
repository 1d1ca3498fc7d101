#include "sandbox/api/describe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/api/reply.h"
#include "sandbox/model/places.h"

enum { PAGE_LEAST = 5, PAGE_MOST = 1000, UNPAGED = INT32_MAX };

static const char TOKEN_PREFIX[] = "page-";

/* Backtracks to the last * only, which is enough for patterns without alternatives. */
bool filter_matches(const char *pattern, const char *value)
{
	const char *star = NULL, *resume = NULL;

	while (*value) {
		const char *literal = *pattern == '\\' && pattern[1] ? pattern + 1 : pattern;

		if (*pattern == '*') {
			star = pattern++;
			resume = value;
		} else if ((*pattern == '?' && literal == pattern) || (*pattern && *literal == *value)) {
			pattern = literal + 1;
			value++;
		} else if (star) {
			pattern = star + 1;
			value = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool tags_match(const struct model_tags *t, const char *name, const char *pattern)
{
	bool by_key = !strcmp(name, "tag-key");
	const char *value;

	if (text_starts_with(name, "tag:")) {
		value = model_tags_get(t, name + strlen("tag:"));
		return value && filter_matches(pattern, value);
	}
	for (size_t i = 0; i < t->count; i++)
		if (filter_matches(pattern, by_key ? t->list[i].key : t->list[i].value))
			return true;
	return false;
}

static const struct filter *find_filter(const struct describe *d, const char *name)
{
	for (size_t i = 0; i < d->filter_count; i++)
		if (!strcmp(d->filters[i].name, name))
			return &d->filters[i];
	return NULL;
}

static bool is_tag_filter(const char *name)
{
	return text_starts_with(name, "tag:") || !strcmp(name, "tag-key") || !strcmp(name, "tag-value");
}

/* Any of the filter's values will do. */
static bool passes(const struct request *r, const struct describe *d, const void *item, int n)
{
	const char *name = request_textf(r, "Filter.%d.Name", n), *pattern;
	const struct filter *f = find_filter(d, name);

	for (int v = 1; (pattern = request_textf(r, "Filter.%d.Value.%d", n, v)); v++)
		if (f ? f->matches(r, item, pattern) : tags_match(d->tags(item), name, pattern))
			return true;
	return false;
}

static bool check_filters(const struct request *r, const struct describe *d, struct error *err)
{
	const char *name;

	for (int n = 1; (name = request_textf(r, "Filter.%d.Name", n)); n++)
		if (!find_filter(d, name) && !(d->tags && is_tag_filter(name)))
			return model_refuse(err, "InvalidParameterValue", "The filter '%s' is invalid", name);
	return true;
}

static bool passes_all(const struct request *r, const struct describe *d, const void *item)
{
	for (int n = 1; request_textf(r, "Filter.%d.Name", n); n++)
		if (!passes(r, d, item, n))
			return false;
	return true;
}

bool describe_filtered(
	const struct request *r, const struct describe *d, const void *item, bool *ret, struct error *err)
{
	if (!check_filters(r, d, err))
		return false;
	*ret = passes_all(r, d, item);
	return true;
}

static bool select_by_id(
	struct request *r, const struct describe *d, struct described *ret, struct error *err)
{
	struct request_list ids = request_list(r, d->ids);

	ret->items = arena_array(r->arena, ids.count, sizeof(*ret->items));
	for (size_t i = 0; i < ids.count; i++) {
		const void *item = d->find(r->model, ids.items[i], err);

		if (!item)
			return false;
		if (passes_all(r, d, item))
			ret->items[ret->count++] = item;
	}
	return true;
}

/* EC2 wants 5 to 1000 per page and takes more than that for 1000. */
static bool read_page(const struct request *r, int *ret_most, uint64_t *ret_start, struct error *err)
{
	const char *token = request_text(r, "NextToken");
	char *end;

	*ret_most = UNPAGED;
	*ret_start = 0;
	if (!request_int(r, "MaxResults", ret_most, err))
		return false;
	if (*ret_most < PAGE_LEAST)
		return model_refuse(err, "InvalidParameterValue",
			"Value ( %d ) for parameter maxResults is invalid. Expecting a value greater than "
			"or equal to %d.",
			*ret_most, PAGE_LEAST);
	if (*ret_most > PAGE_MOST && request_text(r, "MaxResults"))
		*ret_most = PAGE_MOST;
	if (!token || !*token)
		return true;
	errno = 0;
	if (text_starts_with(token, TOKEN_PREFIX))
		*ret_start = strtoull(token + strlen(TOKEN_PREFIX), &end, 16);
	if (!*ret_start || *end || errno)
		return model_refuse(err, "InvalidNextToken", "The token '%s' is invalid", token);
	return true;
}

static bool select_all(struct request *r, const struct describe *d, struct described *ret, struct error *err)
{
	const struct index *all = d->items(r->model);
	const void *item;
	uint64_t at;
	int most;

	if (!read_page(r, &most, &at, err))
		return false;
	ret->items = arena_array(r->arena, all->live, sizeof(*ret->items));
	while ((item = index_next(all, &at))) {
		if ((d->shown && !d->shown(r->model, item)) || !passes_all(r, d, item))
			continue;
		if (ret->count == (size_t)most) {
			ret->next = at - 1; /* this item's own number: the next page starts with it */
			return true;
		}
		ret->items[ret->count++] = item;
	}
	if (r->without_newest && ret->count)
		ret->count--;
	return true;
}

bool describe_select(struct request *r, const struct describe *d, struct described *ret, struct error *err)
{
	bool by_id = request_textf(r, "%s.1", d->ids);

	*ret = (struct described){ .items = NULL };
	if (!check_filters(r, d, err))
		return false;
	if (by_id && request_text(r, "MaxResults"))
		return model_refuse(err, "InvalidParameterCombination",
			"The parameter %s cannot be used with the parameter maxResults", d->ids);
	return by_id ? select_by_id(r, d, ret, err) : select_all(r, d, ret, err);
}

static void write_token(struct request *r, uint64_t next)
{
	char token[32];

	snprintf(token, sizeof(token), "%s%" PRIx64, TOKEN_PREFIX, next);
	reply_text(r, "nextToken", token);
}

void describe_next_token(struct request *r, const struct described *page)
{
	if (page->next)
		write_token(r, page->next);
}

bool describe_owned(const struct request *r, const char *list)
{
	struct request_list owners = request_list(r, list);

	for (size_t i = 0; i < owners.count; i++)
		if (!strcmp(owners.items[i], "self") || !strcmp(owners.items[i], MODEL_ACCOUNT))
			return true;
	return !owners.count;
}

bool describe_reply(struct request *r, const struct describe *d, struct error *err)
{
	struct described found;

	if (!describe_select(r, d, &found, err))
		return false;
	reply_open(r, d->set);
	for (size_t i = 0; i < found.count; i++) {
		reply_open(r, "item");
		d->write(r, found.items[i]);
		reply_close(r, "item");
	}
	reply_close(r, d->set);
	describe_next_token(r, &found);
	return true;
}

bool describe_page(
	const struct request *r, size_t total, size_t *ret_first, size_t *ret_end, struct error *err)
{
	uint64_t start;
	int most;

	if (!read_page(r, &most, &start, err))
		return false;
	*ret_first = start < total ? (size_t)start : total;
	*ret_end = total - *ret_first > (size_t)most ? *ret_first + (size_t)most : total;
	return true;
}
