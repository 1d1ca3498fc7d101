/* style.h: how text goes to a terminal: signs, colours, and nothing that a foreign text could smuggle in. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

struct style {
	bool color;   /* ANSI colours */
	bool unicode; /* signs outside of ASCII */
};

enum sign { SIGN_PENDING, SIGN_RUNNING, SIGN_WAITING, SIGN_DONE, SIGN_UNDONE, SIGN_FAILED, SIGN_COUNT };

/* Appends the sign, coloured if the style says so. */
void style_sign(const struct style *s, enum sign sign, struct text *ret);

/* Appends text in the colour of a sign, or in bold. */
void style_paint(const struct style *s, enum sign like, const char *text, struct text *ret);
void style_bold(const struct style *s, const char *text, struct text *ret);

/* The one or the other, by the style. */
const char *style_pick(const struct style *s, const char *unicode, const char *ascii);

/*
 * Appends a text of foreign origin (a command's output, an error of the cloud): control characters,
 * which could move the cursor or end the line, become spaces.
 */
void style_clean(const char *foreign, struct text *ret);

/*
 * Appends line, cut to so many columns with a mark at the end. Counts a UTF-8 character as one
 * column and escape sequences as none.
 */
void style_fit(const struct style *s, const char *line, size_t columns, struct text *ret);
#endif
