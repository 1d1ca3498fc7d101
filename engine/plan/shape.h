/*
 * shape.h: what a text in a plan has to look like: an instance id, an absolute path, a URL.
 *
 * One pattern per shape serves both sides: the loader matches it as a POSIX extended regular
 * expression, the JSON Schema carries it as an ECMA one. So patterns use only what means the same
 * in both: ^ $ . [] () | ? + * {} and \.
 */
#ifndef PLAN_SHAPE_H
#define PLAN_SHAPE_H

#include <regex.h>
#include <stdbool.h>

enum shape {
	SHAPE_ANY, /* whatever is not empty */
	SHAPE_NAME,
	SHAPE_REGION,
	SHAPE_INSTANCE,
	SHAPE_IMAGE,
	SHAPE_VOLUME,
	SHAPE_ALLOCATION,
	SHAPE_ROLE,
	SHAPE_TARGET_GROUP,
	SHAPE_OWNER,
	SHAPE_PARAMETER,
	SHAPE_INSTANCE_TYPE,
	SHAPE_USER,
	SHAPE_DEVICE,
	SHAPE_MOUNT,
	SHAPE_URL,
	SHAPE_SERVER,
	SHAPE_DOMAIN,
	SHAPE_STAGE,
	SHAPE_TIME_OF_DAY,
	SHAPE_TIME_ZONE,
	SHAPE_VARIABLE,
	SHAPE_COUNT,
};

/* Compiled when first asked for: a plan uses few of them. */
struct shapes {
	regex_t compiled[SHAPE_COUNT];
	bool ready[SHAPE_COUNT];
};

#define SHAPES_INIT                                                                                          \
	{                                                                                                    \
		.ready = { false }                                                                           \
	}

bool shapes_fit(struct shapes *s, enum shape shape, const char *text);
void shapes_release(struct shapes *s);

/* For messages: "an instance id like i-0123456789abcdef0". */
const char *shape_expected(enum shape shape);

/* NULL for SHAPE_ANY. */
const char *shape_pattern(enum shape shape);
#endif
