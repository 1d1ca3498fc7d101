#include "wire/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/utf8.h"

/* The byte after the string that opens before at. */
static size_t skip_string(const char *bytes, size_t len, size_t at)
{
	while (at < len && bytes[at] != '"')
		at += bytes[at] == '\\' ? 2 : 1;
	return at + 1;
}

/* How deep brackets nest; exact for valid JSON. jansson's own cap is 2048, by recursion. */
static size_t depth_of(const char *bytes, size_t len)
{
	size_t depth = 0, deepest = 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"')
			i = skip_string(bytes, len, i + 1) - 1;
		else if (bytes[i] == '[' || bytes[i] == '{')
			depth++;
		else if ((bytes[i] == ']' || bytes[i] == '}') && depth)
			depth--;
		if (depth > deepest)
			deepest = depth;
	}
	return deepest;
}

bool json_read(const char *bytes, size_t len, json_t **ret, struct error *err)
{
	json_error_t problem;
	json_t *value;

	if (len > JSON_BYTES_MAX)
		return error_set(
			err, ERROR_REMOTE, "JSON of %zu bytes: at most %d are read", len, JSON_BYTES_MAX);
	if (depth_of(bytes, len) > JSON_DEPTH_MAX)
		return error_set(err, ERROR_REMOTE, "JSON nested deeper than %d levels", JSON_DEPTH_MAX);
	value = json_loadb(bytes, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
	if (!value)
		return error_set(err, ERROR_REMOTE, "malformed JSON in line %d, column %d: %s", problem.line,
			problem.column, problem.text);
	*ret = value;
	return true;
}

static int add_chunk(const char *bytes, size_t len, void *ret)
{
	text_add_bytes(ret, bytes, len);
	return 0;
}

void json_write(const json_t *value, enum json_style style, struct text *ret)
{
	size_t flags = style == JSON_INDENTED ? JSON_INDENT(2) : JSON_COMPACT;

	if (json_dump_callback(value, add_chunk, ret, flags | JSON_ENCODE_ANY) != 0)
		abort(); /* out of memory, or a value that holds itself */
}

json_t *json_text(const char *s)
{
	auto_text repaired = { .bytes = NULL };
	size_t len = s ? strlen(s) : 0;

	if (!s)
		return json_null();
	if (utf8_valid(s, len) == len)
		return json_stringn_nocheck(s, len);
	text_init(&repaired, SIZE_MAX);
	utf8_add_repaired(&repaired, s, len);
	return json_stringn_nocheck(repaired.bytes, repaired.len);
}
