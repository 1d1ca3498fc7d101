/*
 * lookup.h: one Describe question for many queries of the same kind, and who gets which part of its
 * reply. A row says all that differs between the kinds.
 */
#ifndef AWS_LOOKUP_H
#define AWS_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/actions.h"
#include "aws/jobs.h"
#include "base/text.h"
#include "cloud/provider.h"
#include "wire/xml.h"

enum { LOOKUP_FILTER_VALUES = 200 }; /* EC2's limit of values in one filter */

struct lookup_row {
	enum action_id action;
	/*
	 * The queries' ids are the values of this filter, which passes over what does not exist; or they
	 * are this list, where one that does not exist fails the whole call. At most one is set.
	 */
	const char *filter, *list;
	size_t ids_max;
	int page_size;
	/* Further parameters, after Filter.1; or NULL. */
	void (*write)(const struct query *q, struct text *form);
	const char *outer, *set; /* where the items stand: in set, which may be inside each item of outer */
	const char *newest_by;   /* keep only the item in which this timestamp is the latest; or NULL */
	void (*read)(const struct xml_element *item, int64_t asked_ms, struct sighting *ret);
	bool (*is_about)(const struct sighting *s, const struct query *q); /* NULL: all are */
	/* If nothing was found: a sighting that says so, an error, or (both NULL) no sightings. */
	void (*unseen)(const struct query *q, int64_t asked_ms, struct sighting *ret);
	void (*missing)(const struct query *q, struct error *err);
};

/* The row for queries of that kind; NULL if they are not answered by one Describe question. */
const struct lookup_row *lookup_row_find(enum query_kind kind);

/* Asks for count queries (at most ids_max) that differ in nothing but subject and id. Copies them. */
void lookup_begin(struct jobs *jobs, const struct lookup_row *row, const struct query *queries, size_t count);
#endif
