#include "wire/utf8.h"

#include <stdbool.h>

/* RFC 3629, section 4, as rows: which second byte each range of first bytes allows. */
struct lead {
	unsigned char from, to;
	unsigned char second_from, second_to;
	unsigned char len;
};

static const struct lead LEADS[] = {
	{ .from = 0xc2, .to = 0xdf, .second_from = 0x80, .second_to = 0xbf, .len = 2 },
	{ .from = 0xe0, .to = 0xe0, .second_from = 0xa0, .second_to = 0xbf, .len = 3 },
	{ .from = 0xe1, .to = 0xec, .second_from = 0x80, .second_to = 0xbf, .len = 3 },
	{ .from = 0xed, .to = 0xed, .second_from = 0x80, .second_to = 0x9f, .len = 3 },
	{ .from = 0xee, .to = 0xef, .second_from = 0x80, .second_to = 0xbf, .len = 3 },
	{ .from = 0xf0, .to = 0xf0, .second_from = 0x90, .second_to = 0xbf, .len = 4 },
	{ .from = 0xf1, .to = 0xf3, .second_from = 0x80, .second_to = 0xbf, .len = 4 },
	{ .from = 0xf4, .to = 0xf4, .second_from = 0x80, .second_to = 0x8f, .len = 4 },
};

static bool follows(const struct lead *l, const unsigned char *at)
{
	if (at[1] < l->second_from || at[1] > l->second_to)
		return false;
	for (size_t i = 2; i < l->len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return false;
	return true;
}

size_t utf8_character(const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;

	if (!len)
		return 0;
	if (at[0] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(LEADS); i++) {
		const struct lead *l = &LEADS[i];

		if (at[0] >= l->from && at[0] <= l->to)
			return len >= l->len && follows(l, at) ? l->len : 0;
	}
	return 0;
}

size_t utf8_valid(const char *bytes, size_t len)
{
	size_t at = 0, step;

	while (at < len && (step = utf8_character(bytes + at, len - at)))
		at += step;
	return at;
}

void utf8_add_repaired(struct text *ret, const char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t good = utf8_valid(bytes + at, len - at);

		text_add_bytes(ret, bytes + at, good);
		at += good;
		if (at < len) {
			text_add(ret, "\xef\xbf\xbd");
			at++;
		}
	}
}
