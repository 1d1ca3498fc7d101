/*
 * canonical.h: the one spelling of a request that SigV4 signs (aws/sigv4.h), part by part.
 * Each function appends to ret.
 */
#ifndef AWS_CANONICAL_H
#define AWS_CANONICAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "net/http.h"

/*
 * Dot segments and doubled slashes removed, then encoded once more: a %20 on the wire becomes
 * %2520. With verbatim (S3) neither; only bytes that may not stand in a URL are encoded.
 */
void canonical_path(const char *path, bool verbatim, struct text *ret);

/* Pairs sorted by encoded name, then value; a space is %20, never a plus sign. */
void canonical_query(const char *query, struct text *ret);

/* "name:value\n" per name, sorted; values trimmed, inner white space folded, repeats joined by commas. */
void canonical_headers(const struct http_header *headers, size_t count, struct text *ret);

/* "name;name", sorted. */
void canonical_header_names(const struct http_header *headers, size_t count, struct text *ret);
#endif
