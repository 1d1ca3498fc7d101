/* complete.h: completion scripts, generated from the command table. Each appends one whole script. */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "base/text.h"

void complete_bash(struct text *ret);
void complete_zsh(struct text *ret);
void complete_fish(struct text *ret);

/* Appends s with each of the characters in `special` behind a backslash, and ' as the shells want it. */
void complete_quote(const char *s, const char *special, struct text *ret);
#endif
