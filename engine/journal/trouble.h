/* trouble.h: what can be wrong with a journal's file, and the way out of each. */
#ifndef JOURNAL_TROUBLE_H
#define JOURNAL_TROUBLE_H

#include <stdbool.h>

#include "base/error.h"

enum trouble {
	TROUBLE_MISSING,
	TROUBLE_NO_FILE, /* a folder, a device */
	TROUBLE_EMPTY,   /* no bytes: a journal has some from its first moment */
	TROUBLE_FOREIGN, /* not a journal */
	TROUBLE_NEWER,   /* of a version that we do not know */
	TROUBLE_DAMAGED,
	TROUBLE_FULL,
	TROUBLE_READ_ONLY,
	TROUBLE_CLOSED, /* cannot be opened, or its folder not written to */
	TROUBLE_BUSY,
	TROUBLE_DISK,
};

/*
 * Says it of the file, with the detail (NULL: none), and what can be done about it. ERROR_LOCAL, but for
 * ERROR_MISSING and, if another process writes and does not finish, ERROR_CONFLICT. Always returns false.
 */
bool trouble_set(const char *path, enum trouble what, const char *detail, struct error *err);
#endif
