#include "journal/holder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

enum { PROC_BYTES = 4096, STARTED_FIELD = 22, STATE_FIELD = 3 };

/* A small file of /proc, cut at its first line's end; "" if it cannot be read. */
static void read_line(const char *path, struct text *ret)
{
	auto_error err = ERROR_INIT;

	if (!file_read(path, ret, &err))
		text_clear(ret);
	ret->bytes[strcspn(ret->bytes, "\n")] = '\0';
}

/* When the process was started, or 0 if there is no such process or no /proc. */
static int64_t started(int64_t pid)
{
	auto_text stat = { 0 };
	char path[64];
	const char *field;

	snprintf(path, sizeof(path), "/proc/%" PRId64 "/stat", pid);
	text_init(&stat, PROC_BYTES);
	read_line(path, &stat);
	/* The program's name is in parentheses and may contain anything, more of them too. */
	field = strrchr(stat.bytes, ')');
	for (int i = STATE_FIELD; field && i <= STARTED_FIELD; i++)
		field = strchr(field + 1, ' ');
	return field ? strtoll(field, NULL, 10) : 0;
}

static void find_place(char ret[HOLDER_PLACE_SIZE])
{
	auto_text boot = { 0 };
	struct stat ns;

	text_init(&boot, PROC_BYTES);
	read_line("/proc/sys/kernel/random/boot_id", &boot);
	ret[0] = '\0';
	if (boot.bytes[0] && stat("/proc/self/ns/pid", &ns) == 0)
		snprintf(ret, HOLDER_PLACE_SIZE, "%.48s/%ju", boot.bytes, (uintmax_t)ns.st_ino);
}

void holder_self(const char *user, struct holder *ret)
{
	char host[64] = "";

	*ret = (struct holder){ .pid = getpid() };
	ret->started = started(ret->pid);
	find_place(ret->place);
	if (gethostname(host, sizeof(host) - 1) < 0)
		text_copy(host, sizeof(host), "localhost");
	snprintf(ret->name, sizeof(ret->name), "%.32s@%s pid %" PRId64, user, host, ret->pid);
}

bool holder_is(const struct holder *a, const struct holder *b)
{
	return a->pid == b->pid && a->started == b->started && !strcmp(a->place, b->place);
}

bool holder_is_gone(const struct holder *h, const struct holder *here)
{
	return h->place[0] && !strcmp(h->place, here->place) && h->started && started(h->pid) != h->started;
}
