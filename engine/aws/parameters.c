#include "aws/parameters.h"

#include <stdarg.h>
#include <stdio.h>

#include "wire/form.h"

enum { NAME_SIZE = 128, TAG_FILTER_MAX = 1024 /* EC2's keys have at most 127 characters */ };

void parameters_begin(struct text *form, const struct action *action)
{
	text_init(form, PARAMETERS_MAX);
	form_add(form, "Action", action->name);
	form_add(form, "Version", "2016-11-15");
}

static void PRINTF(3, 0) add(struct text *form, const char *value, const char *name, va_list ap)
{
	char formatted[NAME_SIZE];

	vsnprintf(formatted, sizeof(formatted), name, ap);
	form_add(form, formatted, value);
}

void parameters_add(struct text *form, const char *value, const char *name, ...)
{
	va_list ap;

	if (!value || !*value)
		return;
	va_start(ap, name);
	add(form, value, name, ap);
	va_end(ap);
}

void parameters_add_number(struct text *form, int value, const char *name, ...)
{
	char digits[16];
	va_list ap;

	if (!value)
		return;
	snprintf(digits, sizeof(digits), "%d", value);
	va_start(ap, name);
	add(form, digits, name, ap);
	va_end(ap);
}

void parameters_add_bool(struct text *form, bool value, const char *name, ...)
{
	va_list ap;

	va_start(ap, name);
	add(form, value ? "true" : "false", name, ap);
	va_end(ap);
}

void parameters_add_filter(struct text *form, size_t number, const char *name, const char *value)
{
	parameters_add(form, name, "Filter.%zu.Name", number);
	if (value)
		parameters_add_filter_value(form, number, 1, value);
}

void parameters_add_filter_value(struct text *form, size_t number, size_t value_number, const char *value)
{
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "Filter.%zu.Value.%zu", number, value_number);
	form_add(form, name, value); /* even an empty one: a filter without values would match everything */
}

/* Filter values may hold wildcards; a tag is meant as it is written. */
static void add_literal(const char *s, struct text *ret)
{
	for (; *s; s++) {
		if (strchr("*?\\", *s))
			text_add_char(ret, '\\');
		text_add_char(ret, *s);
	}
}

void parameters_add_tag_filter(struct text *form, size_t number, const struct tag *tag)
{
	auto_text name, value;

	text_init(&name, TAG_FILTER_MAX);
	text_init(&value, TAG_FILTER_MAX);
	text_addf(&name, "tag:%s", tag->key);
	add_literal(tag->value, &value);
	parameters_add_filter(form, number, name.bytes, value.bytes);
}

void parameters_add_tag(struct text *form, const char *prefix, size_t number, const struct tag *tag)
{
	char name[NAME_SIZE];

	parameters_add(form, tag->key, "%s.%zu.Key", prefix, number);
	snprintf(name, sizeof(name), "%s.%zu.Value", prefix, number);
	form_add(form, name, tag->value ? tag->value : "");
}
