/*
 * secret.h: bytes that are wiped when they are done with and cannot be printed by accident:
 * the only way to them is secret_reveal(), which is easy to find in a review.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct secret {
	char *hidden; /* owned, NUL-terminated; NULL when empty */
	size_t len;
};

#define SECRET_INIT                                                                                          \
	{                                                                                                    \
		.hidden = NULL                                                                               \
	}
#define auto_secret CLEANUP(secret_release) struct secret

/* Replaces what s holds by a copy of len bytes. */
void secret_set(struct secret *s, const char *bytes, size_t len);

bool secret_is_empty(const struct secret *s);

/* The bytes, NUL-terminated; "" when empty. Borrowed until the next secret_set or release. */
const char *secret_reveal(const struct secret *s);

void secret_release(struct secret *s);
#endif
