/* utf8.h: is it UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF), and where not. */
#ifndef WIRE_UTF8_H
#define WIRE_UTF8_H

#include <stddef.h>

#include "base/text.h"

/* How many bytes the character at the start of bytes takes: 1 to 4, or 0 if it is not UTF-8. */
size_t utf8_character(const char *bytes, size_t len);

/* How many of the bytes, from the start, are valid UTF-8: len if all of them are. */
size_t utf8_valid(const char *bytes, size_t len);

/* Appends the bytes, each one that is not UTF-8 replaced by U+FFFD. */
void utf8_add_repaired(struct text *ret, const char *bytes, size_t len);
#endif
