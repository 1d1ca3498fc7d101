/*
 * form.h: percent-encoding (RFC 3986, 2.1), and the application/x-www-form-urlencoded bodies that
 * EC2 takes. A space is written as %20, which AWS requires where it signs and accepts elsewhere.
 */
#ifndef WIRE_FORM_H
#define WIRE_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum { FORM_BYTES_MAX = 1024 * 1024, FORM_PAIRS_MAX = 16384 };

struct form_pair {
	const char *name, *value; /* decoded */
};

struct form {
	const struct form_pair *pairs; /* in the order of the body; names may repeat */
	size_t count;
};

/* Appends s with every byte but A-Z a-z 0-9 - . _ ~ as %XX, upper case: AWS's UriEncode. */
void form_encode(struct text *ret, const char *s);

/* Appends name=value, encoded, to a body or query, with & in front unless it is the first. */
void form_add(struct text *body, const char *name, const char *value);

/*
 * Decodes a body into pairs that live in arena; a name without = has the value "". A broken %XX, a
 * NUL byte and what passes the caps is ERROR_REMOTE. Empty pieces between & are skipped.
 */
bool form_read(
	const char *bytes, size_t len, struct arena *arena, struct form *ret, struct error *err) MUST_USE;

/* Likewise for a URL's query: there + stands for itself, not for a space. */
bool form_read_query(
	const char *bytes, size_t len, struct arena *arena, struct form *ret, struct error *err) MUST_USE;

/* Decodes one piece of a path; NULL if a %XX is broken or stands for NUL. */
const char *form_decode(const char *bytes, size_t len, struct arena *arena);

/* The value of the first pair of that name; NULL if there is none. */
const char *form_find(const struct form *f, const char *name);
#endif
