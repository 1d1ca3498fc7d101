#include "journal/trouble.h"

/* What all of them leave: the tags in the cloud are enough to finish what was begun. */
#define OR_BY_TAGS "; `changeover resume --without-journal PLAN` finishes what was begun by its tags alone"
#define ANOTHER "name another one with --journal or --store"

static const struct {
	enum error_kind kind;
	const char *what, *hint;
} TROUBLES[] = {
	[TROUBLE_MISSING] = { ERROR_MISSING, "there is none",
		"nothing was rebuilt from here yet, or name the right one with --journal or --store" },
	[TROUBLE_NO_FILE] = { ERROR_LOCAL, "it is no file, but a folder or a device", ANOTHER OR_BY_TAGS },
	[TROUBLE_EMPTY] = { ERROR_LOCAL, "it is empty: what it held is lost",
		"remove it to begin a new one, or " ANOTHER OR_BY_TAGS },
	[TROUBLE_FOREIGN] = { ERROR_LOCAL, "it is not a journal of Changeover, or its beginning is damaged",
		ANOTHER ", this one was left as it is" OR_BY_TAGS },
	[TROUBLE_NEWER] = { ERROR_LOCAL, "it was written by a newer version",
		"use the newer program, or " ANOTHER OR_BY_TAGS },
	[TROUBLE_DAMAGED] = { ERROR_LOCAL, "it is damaged",
		"keep a copy of the file and move it away, a new one is then begun" OR_BY_TAGS },
	[TROUBLE_FULL] = { ERROR_LOCAL, "the disk is full", "free some space there, or " ANOTHER OR_BY_TAGS },
	[TROUBLE_READ_ONLY] = { ERROR_LOCAL, "it cannot be written",
		"make the file and its folder writable, or " ANOTHER OR_BY_TAGS },
	[TROUBLE_CLOSED] = { ERROR_LOCAL, "it cannot be opened",
		"make the file and its folder writable, or " ANOTHER OR_BY_TAGS },
	[TROUBLE_BUSY] = { ERROR_CONFLICT, "another process is writing to it and does not finish",
		"see which with `fuser`, wait for it to end, then run the same command again" },
	[TROUBLE_DISK] = { ERROR_LOCAL, "the disk failed",
		"see the kernel's messages about that disk, or " ANOTHER OR_BY_TAGS },
};

bool trouble_set(const char *path, enum trouble what, const char *detail, struct error *err)
{
	error_set(err, TROUBLES[what].kind, "journal %s: %s%s%s%s", path, TROUBLES[what].what,
		detail ? " (" : "", detail ? detail : "", detail ? ")" : "");
	return error_hint(err, TROUBLES[what].hint);
}
