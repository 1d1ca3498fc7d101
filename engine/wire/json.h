/*
 * json.h: JSON in and out by jansson, whose json_t is used as it is; this adds the caps.
 *
 * Values are reference-counted by jansson: hold them in a json_auto_t. Objects are written with
 * their keys in the order in which they were set.
 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"
#include "base/text.h"

enum { JSON_DEPTH_MAX = 32, JSON_BYTES_MAX = 16 * 1024 * 1024 };

/*
 * Reads one JSON value, which the caller owns. Refused (ERROR_REMOTE, with line and column): what is
 * too large or nested too deep (both seen before parsing), duplicate keys, bad UTF-8, and anything
 * after the value. A caller that reads a file of its own sets err->kind to what that means.
 */
bool json_read(const char *bytes, size_t len, json_t **ret, struct error *err) MUST_USE;

enum json_style { JSON_ON_ONE_LINE, JSON_INDENTED };

/* Appends value, without a newline at the end. */
void json_write(const json_t *value, enum json_style style, struct text *ret);

/*
 * A string of any bytes, for what comes from outside: what is not UTF-8 is replaced, where jansson's
 * own json_string() gives NULL. JSON null for NULL. The caller owns it.
 */
json_t *json_text(const char *s) MUST_USE;
#endif
