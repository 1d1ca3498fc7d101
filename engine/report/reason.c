#include "report/reason.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define ELLIPSIS "…"

/* The parts of a reason that differ from machine to machine: each gives the length of one at s, or 0. */
typedef size_t part_length(const char *s);

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) != 0;
}

static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* Resource ids of AWS, and ours; what stands before the ellipsis says what it was. */
static const char *const ID_PREFIXES[] = {
	"i-",
	"vol-",
	"snap-",
	"ami-",
	"eni-",
	"eipalloc-",
	"eipassoc-",
	"subnet-",
	"sg-",
	"rb-",
	"ro-",
};

static size_t id_prefix(const char *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(ID_PREFIXES); i++)
		if (text_starts_with(s, ID_PREFIXES[i]) && is_name_char(s[strlen(ID_PREFIXES[i])]))
			return strlen(ID_PREFIXES[i]);
	return 0;
}

static size_t id_length(const char *s)
{
	size_t len = id_prefix(s);

	while (len && is_name_char(s[len]))
		len++;
	return len;
}

/* 192.0.2.1 */
static size_t address_length(const char *s)
{
	size_t len = 0;

	for (int part = 0; part < 4; part++) {
		size_t n = digits(s + len);

		if (n < 1 || n > 3)
			return 0;
		len += n;
		if (part < 3 && s[len++] != '.')
			return 0;
	}
	return len;
}

/* 2026-11-22T02:00:00.000Z */
static size_t time_length(const char *s)
{
	size_t len = strspn(s, "0123456789-T:.");

	return len >= sizeof("2026-11-22T02:00:00") - 1 && s[4] == '-' && s[10] == 'T' && s[len] == 'Z'
		       ? len + 1
		       : 0;
}

static const char *const UNITS[] = { "ms", "s", "min", "h", "d" };

static size_t unit_length(const char *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(UNITS); i++)
		if (text_starts_with(s, UNITS[i]) && !is_name_char(s[strlen(UNITS[i])]))
			return strlen(UNITS[i]);
	return 0;
}

/* "7.4 s"; "90 s" */
static size_t one_span(const char *s)
{
	size_t len = digits(s), unit;

	if (!len)
		return 0;
	if (s[len] == '.')
		len += 1 + digits(s + len + 1);
	len += s[len] == ' ';
	unit = unit_length(s + len);
	return unit ? len + unit : 0;
}

/* "3 min 20 s" */
static size_t span_length(const char *s)
{
	size_t len = one_span(s), more;

	while (len && s[len] == ' ' && (more = one_span(s + len + 1)))
		len += 1 + more;
	return len;
}

static size_t process_length(const char *s)
{
	static const char WORD[] = "pid ";
	size_t len = text_starts_with(s, WORD) ? digits(s + strlen(WORD)) : 0;

	return len ? strlen(WORD) + len : 0;
}

static size_t process_prefix(const char *s)
{
	(void)s;
	return strlen("pid ");
}

static const struct {
	part_length *length;
	part_length *kept; /* how much of it stays before the ellipsis; NULL: nothing */
} PARTS[] = {
	{ id_length, id_prefix },
	{ address_length, NULL },
	{ time_length, NULL },
	{ span_length, NULL },
	{ process_length, process_prefix },
};

/* Strips what begins at s; gives its length, or 0 if nothing of that kind does. */
static size_t strip_one(const char *s, struct text *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(PARTS); i++) {
		size_t len = PARTS[i].length(s);

		if (!len)
			continue;
		if (PARTS[i].kept)
			text_add_bytes(ret, s, PARTS[i].kept(s));
		text_add(ret, ELLIPSIS);
		return len;
	}
	return 0;
}

void reason_strip(const char *reason, struct text *ret)
{
	bool begins = true;

	for (const char *s = reason; *s;) {
		size_t len = begins ? strip_one(s, ret) : 0;

		if (!len)
			text_add_char(ret, s[len++]);
		s += len;
		begins = !is_name_char(s[-1]) && s[-1] != '-';
	}
}
