#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const char *const KIND_NAMES[] = {
	[ERROR_NONE] = "none",
	[ERROR_USAGE] = "usage",
	[ERROR_PLAN] = "plan",
	[ERROR_DENIED] = "denied",
	[ERROR_MISSING] = "missing",
	[ERROR_CONFLICT] = "conflict",
	[ERROR_UNSAFE] = "unsafe",
	[ERROR_CAPACITY] = "capacity",
	[ERROR_THROTTLED] = "throttled",
	[ERROR_TIMEOUT] = "timeout",
	[ERROR_REMOTE] = "remote",
	[ERROR_LOCAL] = "local",
	[ERROR_INTERRUPTED] = "interrupted",
	[ERROR_BUG] = "bug",
};

static const char *const HAPPENED_NAMES[] = {
	[HAPPENED_NO] = "no",
	[HAPPENED_UNKNOWN] = "unknown",
	[HAPPENED_YES] = "yes",
};

static PRINTF(1, 0) char *format(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	return text;
}

/* Puts "context: " in front of the message; takes over context. */
static void prefix(struct error *err, char *context)
{
	char *inner = err->message;

	if (asprintf(&err->message, "%s: %s", context, inner) < 0)
		abort();
	free(context);
	free(inner);
}

bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	assert(err->kind == ERROR_NONE && kind != ERROR_NONE);
	va_start(ap, fmt);
	err->message = format(fmt, ap);
	va_end(ap);
	err->kind = kind;
	return false;
}

bool error_set_errno(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...)
{
	va_list ap;

	assert(err->kind == ERROR_NONE && kind != ERROR_NONE);
	err->kind = kind;
	err->message = alloc_text(strerror(errnum));
	va_start(ap, fmt);
	prefix(err, format(fmt, ap));
	va_end(ap);
	return false;
}

bool error_wrap(struct error *err, const char *fmt, ...)
{
	va_list ap;

	assert(err->kind != ERROR_NONE);
	va_start(ap, fmt);
	prefix(err, format(fmt, ap));
	va_end(ap);
	return false;
}

bool error_hint(struct error *err, const char *hint)
{
	assert(err->kind != ERROR_NONE);
	err->hint = hint;
	return false;
}

void error_set_code(struct error *err, const char *code)
{
	free(err->code);
	err->code = alloc_text(code);
}

bool error_is(const struct error *err, const char *code)
{
	return err->code && !strcmp(err->code, code);
}

bool error_move(struct error *to, struct error *from)
{
	assert(to->kind == ERROR_NONE);
	*to = *from;
	*from = (struct error)ERROR_INIT;
	return false;
}

void error_copy(struct error *to, const struct error *from)
{
	assert(to->kind == ERROR_NONE);
	*to = *from;
	to->message = alloc_text(from->message);
	to->code = alloc_text(from->code);
	to->request_id = alloc_text(from->request_id);
}

const char *error_kind_name(enum error_kind kind)
{
	return KIND_NAMES[kind];
}

enum error_kind error_kind_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(KIND_NAMES); i++)
		if (!strcmp(KIND_NAMES[i], name))
			return (enum error_kind)i;
	return ERROR_BUG;
}

const char *error_happened_name(enum error_happened happened)
{
	return HAPPENED_NAMES[happened];
}

void error_release(struct error *err)
{
	free(err->message);
	free(err->code);
	free(err->request_id);
	*err = (struct error)ERROR_INIT;
}
