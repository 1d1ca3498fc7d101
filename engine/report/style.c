#include "report/style.h"

#include <string.h>

#define RESET "\033[0m"
#define BOLD "\033[1m"

static const struct {
	const char *unicode, *ascii, *color;
} SIGNS[SIGN_COUNT] = {
	[SIGN_PENDING] = { "·", ".", "\033[2m" },
	[SIGN_RUNNING] = { "●", "*", "\033[36m" },
	[SIGN_WAITING] = { "◌", "o", "\033[33m" },
	[SIGN_DONE] = { "✓", "+", "\033[32m" },
	[SIGN_UNDONE] = { "↶", "<", "\033[35m" },
	[SIGN_FAILED] = { "✗", "x", "\033[31m" },
};

static void paint(const struct style *s, const char *color, const char *text, struct text *ret)
{
	if (s->color)
		text_add(ret, color);
	text_add(ret, text);
	if (s->color)
		text_add(ret, RESET);
}

void style_sign(const struct style *s, enum sign sign, struct text *ret)
{
	paint(s, SIGNS[sign].color, style_pick(s, SIGNS[sign].unicode, SIGNS[sign].ascii), ret);
}

void style_paint(const struct style *s, enum sign like, const char *text, struct text *ret)
{
	paint(s, SIGNS[like].color, text, ret);
}

void style_bold(const struct style *s, const char *text, struct text *ret)
{
	paint(s, BOLD, text, ret);
}

const char *style_pick(const struct style *s, const char *unicode, const char *ascii)
{
	return s->unicode ? unicode : ascii;
}

void style_clean(const char *foreign, struct text *ret)
{
	for (const char *c = foreign; *c; c++)
		text_add_char(ret, (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c);
}

/* The bytes of the escape sequence at s ("\033[32m"); 0 if there is none. */
static size_t escape_length(const char *s)
{
	size_t len = 2;

	if (s[0] != '\033' || s[1] != '[')
		return 0;
	while (s[len] && (s[len] < '@' || s[len] > '~'))
		len++;
	return s[len] ? len + 1 : len;
}

static size_t character_length(const char *s)
{
	size_t len = 1;

	while ((s[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static size_t count_columns(const char *line)
{
	size_t columns = 0;

	for (const char *c = line; *c;) {
		size_t escape = escape_length(c);

		columns += !escape;
		c += escape ? escape : character_length(c);
	}
	return columns;
}

void style_fit(const struct style *s, const char *line, size_t columns, struct text *ret)
{
	bool cut = count_columns(line) > columns;
	size_t room = cut && columns ? columns - 1 : columns;

	/* Escape sequences after the cut are kept: the last of them switches the colour off. */
	for (const char *c = line; *c;) {
		size_t escape = escape_length(c);
		size_t len = escape ? escape : character_length(c);

		if (escape || room > 0)
			text_add_bytes(ret, c, len);
		if (!escape && room > 0 && --room == 0 && cut)
			text_add(ret, style_pick(s, "…", ">"));
		c += len;
	}
}
