#include "net/known_hosts.h"

#include <fnmatch.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/encode.h"

enum { NAME_MAX_LEN = 300, FIELD_MAX = 8192 };

/* One white-space separated word of a line. */
struct word {
	const char *bytes;
	size_t len;
};

static struct word next_word(const char **line, const char *end)
{
	struct word w;

	while (*line < end && strchr(" \t\r", **line))
		(*line)++;
	w.bytes = *line;
	while (*line < end && !strchr(" \t\r", **line))
		(*line)++;
	w.len = (size_t)(*line - w.bytes);
	return w;
}

static bool word_is(struct word w, const char *text)
{
	return w.len == strlen(text) && !memcmp(w.bytes, text, w.len);
}

/* |1|base64 of the salt|base64 of HMAC-SHA1(salt, name) */
static bool hash_matches(struct word pattern, const char *name)
{
	const char *salt64 = pattern.bytes + 3, *end = pattern.bytes + pattern.len;
	const char *bar = memchr(salt64, '|', (size_t)(end - salt64));
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_len = 0;
	auto_text salt, expected;
	bool read;

	text_init(&salt, 64);
	text_init(&expected, 64);
	read = bar && base64_decode(salt64, (size_t)(bar - salt64), &salt) &&
	       base64_decode(bar + 1, (size_t)(end - bar - 1), &expected);
	return read &&
	       HMAC(EVP_sha1(), salt.bytes, (int)salt.len, (const unsigned char *)name, strlen(name), digest,
		       &digest_len) &&
	       expected.len == digest_len && !memcmp(expected.bytes, digest, digest_len);
}

/* Only * and ? are special in known_hosts; fnmatch's brackets and backslashes are taken literally. */
static bool wildcard_matches(struct word pattern, const char *name)
{
	char escaped[NAME_MAX_LEN * 2];
	size_t len = 0;

	if (pattern.len >= NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i < pattern.len; i++) {
		if (strchr("[]\\", pattern.bytes[i]))
			escaped[len++] = '\\';
		escaped[len++] = pattern.bytes[i];
	}
	escaped[len] = '\0';
	return fnmatch(escaped, name, FNM_CASEFOLD) == 0;
}

/* A list matches if one of its patterns does and none of its negated ones. */
static bool list_matches(struct word list, const char *name)
{
	const char *end = list.bytes + list.len;
	bool found = false;

	if (list.len > 3 && !memcmp(list.bytes, "|1|", 3))
		return hash_matches(list, name);
	for (const char *item = list.bytes; item < end;) {
		const char *comma = memchr(item, ',', (size_t)(end - item));
		struct word pattern = { .bytes = item, .len = (size_t)((comma ? comma : end) - item) };
		bool negated = pattern.len && pattern.bytes[0] == '!';

		item += pattern.len + 1;
		if (negated)
			pattern = (struct word){ .bytes = pattern.bytes + 1, .len = pattern.len - 1 };
		if (!wildcard_matches(pattern, name))
			continue;
		if (negated)
			return false;
		found = true;
	}
	return found;
}

static void find_in_line(
	const char *line, const char *end, const char *name, struct text *keys, struct text *revoked)
{
	struct word first = next_word(&line, end), type, key;
	struct text *ret = keys;

	if (!first.len || first.bytes[0] == '#' || word_is(first, "@cert-authority"))
		return;
	if (word_is(first, "@revoked")) {
		ret = revoked;
		first = next_word(&line, end);
	}
	type = next_word(&line, end);
	key = next_word(&line, end);
	if (!key.len || type.len + key.len > FIELD_MAX || !list_matches(first, name))
		return;
	text_addf(ret, "%.*s %.*s\n", (int)type.len, type.bytes, (int)key.len, key.bytes);
}

void known_hosts_find(const char *text, const char *host, int port, struct text *keys, struct text *revoked)
{
	char name[NAME_MAX_LEN];

	if (port == 22)
		snprintf(name, sizeof(name), "%s", host);
	else
		snprintf(name, sizeof(name), "[%s]:%d", host, port);
	while (*text) {
		const char *end = strchrnul(text, '\n');

		find_in_line(text, end, name, keys, revoked);
		text = *end ? end + 1 : end;
	}
}
