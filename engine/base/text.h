/*
 * text.h: growing text with a limit from birth.
 *
 * What does not fit is dropped and remembered in `cut`: a caller that must have all of it checks
 * that once, at the end. The bytes are NUL-terminated at any moment.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct text {
	char *bytes;      /* owned; never NULL after text_init */
	size_t len, size; /* bytes in use without the NUL; bytes allocated */
	size_t limit;     /* len never passes it */
	bool cut;         /* something did not fit */
};

#define auto_text CLEANUP(text_release) struct text

void text_init(struct text *t, size_t limit);
void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const void *bytes, size_t len);
void text_addf(struct text *t, const char *fmt, ...) PRINTF(2, 3);
void text_add_char(struct text *t, char c);

/* Empties it, keeping limit and memory. */
void text_clear(struct text *t);

/* Hands the bytes on to the caller, who frees them; *t is empty and usable afterwards. */
char *text_take(struct text *t);

/* Frees the bytes. Safe on a zeroed struct. */
void text_release(struct text *t);

/* Copies src into dest, cutting at size - 1; always terminated. False if it was cut. */
bool text_copy(char *dest, size_t size, const char *src);

/* Adds to the text that dest holds, cutting at size - 1. */
void text_append(char *dest, size_t size, const char *fmt, ...) PRINTF(3, 4);

/* It is NULL or "". */
bool text_is_empty(const char *s);

bool text_starts_with(const char *s, const char *prefix);
bool text_ends_with(const char *s, const char *suffix);

/*
 * The option nearest to word, if near enough to be meant; else NULL. Near is how few slips of the
 * fingers lie between them; two letters that changed places are one slip.
 */
const char *text_nearest(const char *word, const char *const *options, size_t count);
#endif
