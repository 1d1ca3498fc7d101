/*
 * describe.h: what all Describe calls have in common: ids, filters, pages.
 *
 * A call names either ids or MaxResults; filters narrow either. Values may hold * and ?. A page token
 * is the number of the next item in its index, so it stays good while items come and go.
 */
#ifndef SANDBOX_API_DESCRIBE_H
#define SANDBOX_API_DESCRIBE_H

#include "sandbox/api/request.h"
#include "sandbox/model/index.h"

/* True if value matches EC2's filter pattern: * any text, ? any character, \ takes the next as it is. */
bool filter_matches(const char *pattern, const char *value);

struct filter {
	const char *name;
	bool (*matches)(const struct request *r, const void *item, const char *pattern);
};

/* What is described. */
struct describe {
	const char *set; /* the reply's list: "volumeSet" */
	const char *ids; /* the parameter that names them: "VolumeId" */
	const struct filter *filters;
	size_t filter_count;
	const struct index *(*items)(const struct model *m);

	/* The item by id, or NULL with EC2's error. */
	const void *(*find)(const struct model *m, const char *id, struct error *err);

	/* Can be shown at all; NULL: always. */
	bool (*shown)(const struct model *m, const void *item);

	/* For tag:KEY, tag-key and tag-value; NULL: has none. */
	const struct model_tags *(*tags)(const void *item);

	/* Writes what is inside <item>. */
	void (*write)(struct request *r, const void *item);
};

struct described {
	const void **items;
	size_t count;
	uint64_t next; /* where the next page begins; 0: there is none */
};

/* Selects what the request asks for. */
bool describe_select(
	struct request *r, const struct describe *d, struct described *ret, struct error *err) MUST_USE;

/* Selects and writes the set and, if there is more, nextToken. */
bool describe_reply(struct request *r, const struct describe *d, struct error *err) MUST_USE;

/* Writes nextToken, if there is a next page. */
void describe_next_token(struct request *r, const struct described *page);

/* True if the list parameter (Owner, RestorableBy) is absent or names this account: there is no other. */
bool describe_owned(const struct request *r, const char *list);

/* For lists that are not in an index: which page of `total` items is asked for. */
bool describe_page(const struct request *r, size_t total, size_t *ret_first, size_t *ret_end,
	struct error *err) MUST_USE;

/* True if the item passes every Filter.N; fails for a filter that is none of d's. */
bool describe_filtered(const struct request *r, const struct describe *d, const void *item, bool *ret,
	struct error *err) MUST_USE;
#endif
