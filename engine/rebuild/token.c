#include "rebuild/token.h"

#include <stdlib.h>
#include <string.h>

enum {
	REBUILD_LEN = 24, /* of a rebuild's id: it tells rebuilds apart, and a token has 64 bytes */
	DIGITS_MAX = 20,
};

/* Where a token is being written: it is made for every effect that is considered, too often for printf. */
struct pen {
	char *at, *end;
};

static void put(struct pen *p, const char *s, size_t len)
{
	size_t room = (size_t)(p->end - p->at);

	len = len < room ? len : room;
	memcpy(p->at, s, len);
	p->at += len;
}

static void put_number(struct pen *p, size_t n)
{
	char digits[DIGITS_MAX];
	size_t i = DIGITS_MAX;

	do
		digits[--i] = (char)('0' + n % 10);
	while (n /= 10);
	put(p, digits + i, DIGITS_MAX - i);
}

void token_write(const struct token *t, char ret[CLOUD_TOKEN_SIZE])
{
	struct pen p = { ret, ret + CLOUD_TOKEN_SIZE - 1 };

	put(&p, t->rebuild, strnlen(t->rebuild, REBUILD_LEN));
	put(&p, ".undo-", t->back ? 6 : 1);
	put(&p, t->step, strlen(t->step));
	put(&p, ".", 1);
	put_number(&p, (size_t)t->attempt);
	put(&p, ".", 1);
	put_number(&p, t->part);
	*p.at = '\0';
}

size_t token_part(const char *token)
{
	return (size_t)strtoul(strrchr(token, '.') + 1, NULL, 10);
}

/* What follows the word and a dot; NULL if it does not begin with them. */
static const char *after(const char *s, const char *word, size_t len)
{
	return !strncmp(s, word, len) && s[len] == '.' ? s + len + 1 : NULL;
}

bool token_is_of(const char *token, const char *rebuild, const char *step, size_t part)
{
	const char *rest = after(token, rebuild, strnlen(rebuild, REBUILD_LEN));

	rest = rest ? after(rest, step, strlen(step)) : NULL;
	return rest && token_part(rest) == part;
}
