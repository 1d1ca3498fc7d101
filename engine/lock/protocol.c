#include "lock/protocol.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct lock_protocol_row *lock_protocol(enum lock_protocol p)
{
	static const struct lock_protocol_row *const ROWS[] = {
		[LOCK_FDLM] = &lock_fdlm,
		[LOCK_FLEETLOCK] = &lock_fleetlock,
	};

	return ROWS[p];
}

void lock_request_release(struct lock_request *r)
{
	text_release(&r->url);
	text_release(&r->body);
}

void lock_add_url(struct text *ret, const struct lock_want *w, const char *path)
{
	size_t len = strlen(w->url);

	while (len && w->url[len - 1] == '/')
		len--;
	text_add_bytes(ret, w->url, len);
	text_add(ret, path);
}

struct lock_verdict lock_yes(void)
{
	return (struct lock_verdict){ .answer = LOCK_YES };
}

/* Reasons hold what strangers wrote, and are shown on terminals. */
static void make_printable(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
}

struct lock_verdict lock_verdict(enum lock_answer answer, const char *fmt, ...)
{
	struct lock_verdict v = { .answer = answer };
	va_list args;

	va_start(args, fmt);
	vsnprintf(v.reason, sizeof(v.reason), fmt, args);
	va_end(args);
	make_printable(v.reason);
	return v;
}

const char *lock_text_at(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* 408, 425 and 429 are about the moment; so are 409 and 423, which say that somebody else was there first. */
static bool may_pass(int status)
{
	static const int STATUSES[] = { 408, 409, 423, 425, 429 };

	for (size_t i = 0; i < ARRAY_SIZE(STATUSES); i++)
		if (status == STATUSES[i])
			return true;
	return status < 400 || status >= 500;
}

struct lock_verdict lock_judge_status(int status, const char *message)
{
	return lock_verdict(may_pass(status) ? LOCK_TROUBLE : LOCK_NEVER, "the server answers %d%s%s", status,
		message[0] ? ": " : "", message);
}
