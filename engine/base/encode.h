/* encode.h: base64 (RFC 4648, padded) and lower-case hexadecimal. */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

void base64_encode(const void *bytes, size_t len, struct text *ret);

/* Appends the decoded bytes. False (and nothing appended) if s is not base64; white space is skipped. */
bool base64_decode(const char *s, size_t len, struct text *ret) MUST_USE;

void hex_encode(const void *bytes, size_t len, struct text *ret);
#endif
