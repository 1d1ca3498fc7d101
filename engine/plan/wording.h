/* wording.h: rows of the key table in words, for diagnostics and the reference. */
#ifndef PLAN_WORDING_H
#define PLAN_WORDING_H

#include "base/text.h"
#include "plan/keys.h"

/* Appends what a value of the key has to be: "a whole number from 1 to 65535". */
void wording_add_expected(struct text *ret, const struct key *k);

/* Appends "`id` or `newest`": the choices of a section that this version carries out. */
void wording_add_choices(struct text *ret, const struct key *section);

/* Appends "`user`, `port` and `key`": all names of a section. */
void wording_add_names(struct text *ret, const struct key *section);

/* Appends " in `ssh`"; nothing for the plan as a whole. */
void wording_add_where(struct text *ret, const struct key *section);
#endif
