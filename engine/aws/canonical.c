#include "aws/canonical.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

/* RFC 3986's unreserved characters, whatever the locale. */
static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

static void encode(const char *s, size_t len, const char *safe, struct text *ret)
{
	for (size_t i = 0; i < len; i++) {
		if (is_unreserved(s[i]) || (s[i] && strchr(safe, s[i])))
			text_add_char(ret, s[i]);
		else
			text_addf(ret, "%%%02X", (unsigned char)s[i]);
	}
}

static bool is_segment(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(s, word, len);
}

static void drop_last_segment(struct text *t)
{
	while (t->len && t->bytes[--t->len] != '/')
		;
	t->bytes[t->len] = '\0';
}

/* RFC 3986, 5.2.4, with empty segments dropped as well. */
static void normalize(const char *path, struct text *ret)
{
	bool ends_open = true;

	for (const char *at = path; *at;) {
		size_t len = strcspn(at, "/");
		bool up = is_segment(at, len, "..");

		ends_open = up || !len || is_segment(at, len, ".");
		if (up)
			drop_last_segment(ret);
		if (!ends_open) {
			text_add_char(ret, '/');
			text_add_bytes(ret, at, len);
		}
		at += len;
		if (*at) {
			at++;
			ends_open = true;
		}
	}
	if (ends_open)
		text_add_char(ret, '/');
}

static void add_normalized(const char *path, struct text *ret)
{
	auto_text plain;

	text_init(&plain, ret->limit);
	normalize(path, &plain);
	encode(plain.bytes, plain.len, "/", ret);
}

void canonical_path(const char *path, bool verbatim, struct text *ret)
{
	if (verbatim && *path)
		encode(path, strlen(path), "/%", ret);
	else
		add_normalized(path, ret);
}

struct pair {
	char *name, *value; /* owned, encoded */
};

static int pair_compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->value, y->value);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* A part of the query in its one spelling, whatever of it was encoded already. The caller frees it. */
static char *respell(const char *s, size_t len, size_t limit)
{
	auto_text plain, spelt;

	text_init(&plain, limit);
	text_init(&spelt, limit);
	for (size_t i = 0; i < len; i++) {
		int high = i + 2 < len && s[i] == '%' ? hex_digit(s[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

		text_add_char(&plain, low >= 0 ? (char)(high << 4 | low) : s[i]);
		i += low >= 0 ? 2 : 0;
	}
	encode(plain.bytes, plain.len, "", &spelt);
	return text_take(&spelt);
}

static struct pair pair_parse(const char *s, size_t len, size_t limit)
{
	const char *equals = memchr(s, '=', len);
	size_t name_len = equals ? (size_t)(equals - s) : len;
	const char *value = equals ? equals + 1 : s + len;

	return (struct pair){
		.name = respell(s, name_len, limit),
		.value = respell(value, len - (size_t)(value - s), limit),
	};
}

static size_t count_pairs(const char *query)
{
	size_t count = 1;

	for (const char *at = query; *at; at++)
		count += *at == '&';
	return count;
}

void canonical_query(const char *query, struct text *ret)
{
	struct pair *pairs = alloc_zeroed(count_pairs(query), sizeof(*pairs));
	size_t count = 0;

	for (const char *at = query; *at;) {
		size_t len = strcspn(at, "&");

		if (len)
			pairs[count++] = pair_parse(at, len, ret->limit);
		at += len + (at[len] == '&');
	}
	qsort(pairs, count, sizeof(*pairs), pair_compare);
	for (size_t i = 0; i < count; i++) {
		text_addf(ret, "%s%s=%s", i ? "&" : "", pairs[i].name, pairs[i].value);
		free(pairs[i].name);
		free(pairs[i].value);
	}
	free(pairs);
}

static int header_compare(const void *a, const void *b)
{
	const struct http_header *const *x = a, *const *y = b;
	int order = strcasecmp((*x)->name, (*y)->name);

	if (order)
		return order;
	return (*x > *y) - (*x < *y); /* repeats keep their order */
}

/* Pointers to the headers, by name; the caller frees the array. */
static const struct http_header **sorted(const struct http_header *headers, size_t count)
{
	const struct http_header **order = alloc_zeroed(count + 1, sizeof(*order));

	for (size_t i = 0; i < count; i++)
		order[i] = &headers[i];
	qsort(order, count, sizeof(*order), header_compare);
	return order;
}

static void add_lower(const char *s, struct text *ret)
{
	for (; *s; s++)
		text_add_char(ret, (char)tolower((unsigned char)*s));
}

static void add_folded(const char *value, struct text *ret)
{
	bool gap = false, begun = false;

	for (; *value; value++) {
		if (isspace((unsigned char)*value)) {
			gap = true;
			continue;
		}
		if (gap && begun)
			text_add_char(ret, ' ');
		text_add_char(ret, *value);
		gap = false;
		begun = true;
	}
}

void canonical_headers(const struct http_header *headers, size_t count, struct text *ret)
{
	const struct http_header **order = sorted(headers, count);

	for (size_t i = 0; i < count; i++) {
		if (i && !strcasecmp(order[i]->name, order[i - 1]->name)) {
			text_add_char(ret, ',');
		} else {
			text_add(ret, i ? "\n" : "");
			add_lower(order[i]->name, ret);
			text_add_char(ret, ':');
		}
		add_folded(order[i]->value, ret);
	}
	text_add(ret, count ? "\n" : "");
	free(order);
}

void canonical_header_names(const struct http_header *headers, size_t count, struct text *ret)
{
	const struct http_header **order = sorted(headers, count);

	for (size_t i = 0; i < count; i++) {
		if (i && !strcasecmp(order[i]->name, order[i - 1]->name))
			continue;
		text_add(ret, i ? ";" : "");
		add_lower(order[i]->name, ret);
	}
	free(order);
}
