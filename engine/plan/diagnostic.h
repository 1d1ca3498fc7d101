/* diagnostic.h: everything that is wrong with a plan file, each with its place. */
#ifndef PLAN_DIAGNOSTIC_H
#define PLAN_DIAGNOSTIC_H

#include <stddef.h>

#include "base/compiler.h"

struct diagnostic {
	int line, column; /* from 1 */
	char *message;    /* owned: "unknown key `servce`: did you mean `service`?" */
};

struct diagnostics {
	const char *path;         /* borrowed */
	struct diagnostic *items; /* owned; in file order after diagnostics_sort */
	size_t count;
	size_t dropped; /* past DIAGNOSTICS_MAX, only counted */
};

enum { DIAGNOSTICS_MAX = 100 };

#define DIAGNOSTICS_INIT                                                                                     \
	{                                                                                                    \
		.items = NULL                                                                                \
	}
#define auto_diagnostics CLEANUP(diagnostics_release) struct diagnostics

/* Adds one; control characters in its text are replaced, since it may quote anything. */
void diagnostics_add(struct diagnostics *d, int line, int column, const char *fmt, ...) PRINTF(4, 5);

/* Puts them into file order; what stands at one place stays in the order in which it was added. */
void diagnostics_sort(struct diagnostics *d);

void diagnostics_release(struct diagnostics *d);
#endif
