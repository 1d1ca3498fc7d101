#include "wire/form.h"

#include <string.h>

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

void form_encode(struct text *ret, const char *s)
{
	static const char HEX[] = "0123456789ABCDEF";

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (is_unreserved(c))
			text_add_char(ret, (char)c);
		else
			text_add_bytes(ret, (char[]){ '%', HEX[c >> 4], HEX[c & 15] }, 3);
	}
}

void form_add(struct text *body, const char *name, const char *value)
{
	if (body->len)
		text_add_char(body, '&');
	form_encode(body, name);
	text_add_char(body, '=');
	form_encode(body, value);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that %XX at the start of s stands for; -1 if it is broken or stands for NUL. */
static int escaped_byte(const char *s, size_t len)
{
	int high = len > 2 ? digit(s[1]) : -1, low = len > 2 ? digit(s[2]) : -1;

	return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

/* Decodes a piece into the arena; NULL if it is malformed. plus is what + stands for. */
static const char *decode(const char *s, size_t len, char plus, struct arena *arena)
{
	char *decoded = arena_alloc(arena, len + 1), *end = decoded;

	for (size_t i = 0; i < len; i++) {
		int c = s[i] == '+' ? plus : (unsigned char)s[i];

		if (s[i] == '%') {
			c = escaped_byte(s + i, len - i);
			i += 2;
		}
		if (c <= 0)
			return NULL;
		*end++ = (char)c;
	}
	return decoded;
}

const char *form_decode(const char *bytes, size_t len, struct arena *arena)
{
	return decode(bytes, len, '+', arena);
}

static bool decode_pair(const char *piece, size_t len, char plus, struct arena *arena, struct form_pair *ret)
{
	const char *equals = memchr(piece, '=', len);
	size_t name_len = equals ? (size_t)(equals - piece) : len;

	ret->name = decode(piece, name_len, plus, arena);
	ret->value = equals ? decode(equals + 1, len - name_len - 1, plus, arena) : "";
	return ret->name && ret->value;
}

static size_t count_pieces(const char *bytes, size_t len)
{
	size_t count = 1;

	for (size_t i = 0; i < len; i++)
		count += bytes[i] == '&';
	return count;
}

/* What is decoded, and how: kept together because every piece needs it. */
struct source {
	const char *bytes;
	size_t len;
	char plus;
};

static bool read_pairs(const struct source *s, struct arena *arena, struct form *ret, struct error *err)
{
	size_t room = count_pieces(s->bytes, s->len), count = 0;
	struct form_pair *pairs;

	if (s->len > FORM_BYTES_MAX || room > FORM_PAIRS_MAX)
		return error_set(err, ERROR_REMOTE,
			"form of %zu bytes and %zu parameters: at most %d and %d are read", s->len, room,
			FORM_BYTES_MAX, FORM_PAIRS_MAX);
	pairs = arena_array(arena, room, sizeof(*pairs));
	for (size_t at = 0; at < s->len;) {
		const char *piece = s->bytes + at, *amp = memchr(piece, '&', s->len - at);
		size_t len = amp ? (size_t)(amp - piece) : s->len - at;

		if (len && !decode_pair(piece, len, s->plus, arena, &pairs[count++]))
			return error_set(err, ERROR_REMOTE,
				"malformed form: parameter %zu is not percent-encoded", count);
		at += len + 1;
	}
	*ret = (struct form){ .pairs = pairs, .count = count };
	return true;
}

bool form_read(const char *bytes, size_t len, struct arena *arena, struct form *ret, struct error *err)
{
	return read_pairs(&(struct source){ .bytes = bytes, .len = len, .plus = ' ' }, arena, ret, err);
}

bool form_read_query(const char *bytes, size_t len, struct arena *arena, struct form *ret, struct error *err)
{
	return read_pairs(&(struct source){ .bytes = bytes, .len = len, .plus = '+' }, arena, ret, err);
}

const char *form_find(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (!strcmp(f->pairs[i].name, name))
			return f->pairs[i].value;
	return NULL;
}
