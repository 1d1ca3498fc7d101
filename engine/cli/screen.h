/* screen.h: a text that is drawn again in place, on a terminal. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdio.h>

#include "report/style.h"

struct screen {
	FILE *out; /* borrowed */
	struct style style;
	int columns, rows; /* of the terminal now */
	size_t drawn;      /* lines above the cursor that are ours */
};

/* How many lines have room. */
size_t screen_room(const struct screen *s);

/* Draws the lines of text in place of those drawn before, as many and as much of each as has room. */
void screen_draw(struct screen *s, const char *text);
#endif
