/*
 * error.h: what went wrong, and whether the world changed.
 *
 * A function that can fail returns bool and takes a struct error last. On the way up callers add
 * context with error_wrap(); only cli prints. Texts are lower case, without a full stop, and name
 * the object: "could not attach vol-1 to i-2: volume is in another zone".
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#include "base/compiler.h"

/* Why it failed; policy (retry, roll back, ask) is decided on this alone. */
enum error_kind {
	ERROR_NONE,
	ERROR_USAGE,    /* the command line */
	ERROR_PLAN,     /* the plan file */
	ERROR_DENIED,   /* credentials, permissions, signatures, host keys */
	ERROR_MISSING,  /* the named thing does not exist */
	ERROR_CONFLICT, /* it exists in a state that does not allow this */
	ERROR_UNSAFE,   /* a safety rule forbids it */
	ERROR_CAPACITY, /* the cloud has no room, or a quota is reached */
	ERROR_THROTTLED,
	ERROR_TIMEOUT,
	ERROR_REMOTE, /* the other side failed: server error, command exit code */
	ERROR_LOCAL,  /* this machine: disk, memory, privileges */
	ERROR_INTERRUPTED,
	ERROR_BUG,
};

/* Did it happen all the same? UNKNOWN (a lost reply) forces a probe before anything else. */
enum error_happened { HAPPENED_NO, HAPPENED_UNKNOWN, HAPPENED_YES };

struct error {
	enum error_kind kind;
	enum error_happened happened;
	char *message;    /* owned; outermost context first */
	char *code;       /* owned; upstream's own word (InvalidVolume.ZoneMismatch), or NULL */
	char *request_id; /* owned; AWS's, or NULL */
	const char *hint; /* borrowed, static; what the operator can do */
};

#define ERROR_INIT                                                                                           \
	{                                                                                                    \
		.kind = ERROR_NONE                                                                           \
	}
#define auto_error CLEANUP(error_release) struct error

/* Records a failure in an empty *err. Always returns false. */
bool error_set(struct error *err, enum error_kind kind, const char *fmt, ...) PRINTF(3, 4);

/* Records a failure whose text ends in strerror(errnum). Always returns false. */
bool error_set_errno(struct error *err, enum error_kind kind, int errnum, const char *fmt, ...) PRINTF(4, 5);

/* Prefixes context to a failure already in *err. Always returns false. */
bool error_wrap(struct error *err, const char *fmt, ...) PRINTF(2, 3);

/* Says what the operator can do. hint is static text. Always returns false. */
bool error_hint(struct error *err, const char *hint);

/* Replaces upstream's own word for the failure by a copy of code. */
void error_set_code(struct error *err, const char *code);

/* True if upstream's own word for the failure is code. */
bool error_is(const struct error *err, const char *code);

/* Hands *from on to *to, which must be empty; *from is empty afterwards. Always returns false. */
bool error_move(struct error *to, struct error *from);

/* Copies *from, texts included, to *to, which must be empty. */
void error_copy(struct error *to, const struct error *from);

/* The kind's name as journals and JSON store it ("denied"); and back, ERROR_BUG if unknown. */
const char *error_kind_name(enum error_kind kind);
enum error_kind error_kind_parse(const char *name);

/* Likewise for happened: "no", "unknown", "yes". */
const char *error_happened_name(enum error_happened happened);

/* Empties *err, freeing what it owns. Safe on an empty error. */
void error_release(struct error *err);
#endif
