#include "base/encode.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const void *bytes, size_t len, struct text *ret)
{
	const unsigned char *in = bytes;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t group = (uint32_t)in[i] << 16;
		char out[4];

		if (i + 1 < len)
			group |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			group |= in[i + 2];
		out[0] = BASE64[group >> 18];
		out[1] = BASE64[group >> 12 & 63];
		out[2] = i + 1 < len ? BASE64[group >> 6 & 63] : '=';
		out[3] = i + 2 < len ? BASE64[group & 63] : '=';
		text_add_bytes(ret, out, sizeof(out));
	}
}

/* Takes one group of four letters; returns how many bytes it stands for, or 0 if it is not base64. */
static size_t decode_group(const char letters[4], unsigned char out[3])
{
	uint32_t group = 0;
	size_t bytes = letters[2] == '=' ? 1 : letters[3] == '=' ? 2 : 3;

	if (letters[2] == '=' && letters[3] != '=')
		return 0;
	for (size_t i = 0; i < 4; i++) {
		const char *at = i > bytes ? BASE64 : memchr(BASE64, letters[i], sizeof(BASE64) - 1);

		if (!at)
			return 0;
		group = group << 6 | (uint32_t)(at - BASE64);
	}
	out[0] = (unsigned char)(group >> 16);
	out[1] = (unsigned char)(group >> 8);
	out[2] = (unsigned char)group;
	return bytes;
}

bool base64_decode(const char *s, size_t len, struct text *ret)
{
	size_t before = ret->len, held = 0;
	unsigned char out[3];
	bool ended = false, good = true;
	char letters[4];

	for (size_t i = 0; good && i < len; i++) {
		size_t bytes;

		if (isspace((unsigned char)s[i]))
			continue;
		letters[held++] = s[i];
		if (held < 4)
			continue;
		held = 0;
		bytes = ended ? 0 : decode_group(letters, out);
		good = bytes > 0;
		ended = bytes < 3;
		text_add_bytes(ret, out, bytes);
	}
	if (good && held == 0)
		return true;
	ret->len = before;
	ret->bytes[before] = '\0';
	return false;
}

void hex_encode(const void *bytes, size_t len, struct text *ret)
{
	const unsigned char *in = bytes;

	for (size_t i = 0; i < len; i++)
		text_addf(ret, "%02x", in[i]);
}
