/* table.h: the rows themselves, for keys.c only; everybody else asks plan/keys.h. */
#ifndef PLAN_TABLE_H
#define PLAN_TABLE_H

#include "plan/keys.h"

extern const struct key key_table[]; /* the root first */
extern const size_t key_table_count;
#endif
