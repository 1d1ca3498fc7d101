#include "plan/scalar.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t ms;
};

/* Largest first: that is how a time is written. */
static const struct unit UNITS[] = {
	{ "d", 24 * 3600 * 1000 },
	{ "h", 3600 * 1000 },
	{ "m", 60 * 1000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

static bool is_one_of(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(s, *words))
			return true;
	return false;
}

/* 1.5, .5, 1e3, 0x1f, .inf: numbers, but not of a kind that a plan uses. */
static bool is_fraction(const char *s)
{
	static const char *const WORDS[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL };
	size_t digits, exponent;

	s += *s == '-' || *s == '+';
	if (is_one_of(s, WORDS) || (s[0] == '0' && (s[1] == 'x' || s[1] == 'o')))
		return true;
	digits = strspn(s, "0123456789.");
	if (strcspn(s, "0123456789") >= digits || strchr(s, '.') != strrchr(s, '.'))
		return false;
	s += digits;
	if (*s != 'e' && *s != 'E')
		return *s == '\0';
	s += 1 + (s[1] == '-' || s[1] == '+');
	exponent = strspn(s, "0123456789");
	return exponent && !s[exponent];
}

enum scalar_kind scalar_kind(const struct yaml_node *n)
{
	static const char *const NOTHING[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const TRUTH[] = { "true", "True", "TRUE", "false", "False", "FALSE", NULL };
	const char *digits = n->text + (n->text[0] == '-' || n->text[0] == '+');

	if (n->quoted)
		return SCALAR_TEXT;
	if (is_one_of(n->text, NOTHING))
		return SCALAR_NOTHING;
	if (is_one_of(n->text, TRUTH))
		return SCALAR_BOOL;
	if (*digits && !digits[strspn(digits, "0123456789")])
		return SCALAR_NUMBER;
	return is_fraction(n->text) ? SCALAR_FRACTION : SCALAR_TEXT;
}

/* Reads digits from the start of s; gives what follows them, or NULL if there are none or too many. */
static const char *read_digits(const char *s, int64_t *ret)
{
	size_t len = strspn(s, "0123456789");
	int64_t value = 0;

	if (!len || len > 15)
		return NULL;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (s[i] - '0');
	*ret = value;
	return s + len;
}

bool scalar_number(const char *s, int64_t *ret)
{
	bool negative = *s == '-';
	int64_t value = 0;
	const char *end = read_digits(s + (*s == '-' || *s == '+'), &value);

	if (!end || *end)
		return false;
	*ret = negative ? -value : value;
	return true;
}

bool scalar_time(const char *s, int64_t *ret_ms)
{
	int64_t value = 0;
	const char *unit = read_digits(s, &value);

	if (!unit || (!*unit && value))
		return false;
	for (size_t i = 0; *unit && i < ARRAY_SIZE(UNITS); i++) {
		if (!strcmp(unit, UNITS[i].name))
			return !__builtin_mul_overflow(value, UNITS[i].ms, ret_ms);
	}
	*ret_ms = 0;
	return !*unit;
}

bool scalar_share(const char *s, struct plan_share *ret)
{
	int64_t value = 0;
	const char *sign = read_digits(s, &value);

	if (!sign || value > INT_MAX || (*sign && (strcmp(sign, "%") != 0 || value > 100)))
		return false;
	*ret = (struct plan_share){ (int)value, *sign == '%' };
	return true;
}

void scalar_add_time(struct text *ret, int64_t ms)
{
	size_t i = 0;

	if (!ms) {
		text_add(ret, "0");
		return;
	}
	while (ms % UNITS[i].ms)
		i++;
	text_addf(ret, "%" PRId64 "%s", ms / UNITS[i].ms, UNITS[i].name);
}

static void add_quoted(struct text *ret, const char *s)
{
	enum { SHOWN = 60 };
	size_t len = strlen(s), shown = len > SHOWN ? SHOWN : len;

	while ((s[shown] & 0xc0) == 0x80) /* not in the middle of a character */
		shown--;
	text_add_char(ret, '`');
	text_add_bytes(ret, s, shown);
	text_add(ret, shown < len ? "...`" : "`");
}

static void add_found_scalar(struct text *ret, const struct yaml_node *n)
{
	switch (scalar_kind(n)) {
	case SCALAR_NOTHING:
		text_add(ret, "nothing");
		return;
	case SCALAR_NUMBER:
	case SCALAR_FRACTION:
		text_add(ret, "the number ");
		break;
	case SCALAR_TEXT:
	case SCALAR_BOOL:
		break;
	}
	if (n->quoted && !n->text[0])
		text_add(ret, "an empty text");
	else
		add_quoted(ret, n->text);
}

void scalar_add_found(struct text *ret, const struct yaml_node *n)
{
	switch (n->kind) {
	case YAML_SCALAR:
		add_found_scalar(ret, n);
		return;
	case YAML_SEQUENCE:
		if (n->count)
			text_addf(ret, "a list of %zu", n->count);
		else
			text_add(ret, "an empty list");
		return;
	case YAML_MAPPING:
		text_add(ret, n->count ? "a mapping" : "an empty mapping");
		return;
	}
}
