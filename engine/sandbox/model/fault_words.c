/* fault_words.c: the words after the first, NAME=VALUE: what each is called, takes and sets. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/model/fault.h"

enum { DAY_MS = 24 * 3600 * 1000, GIB = 1 << 30 };

struct word_row {
	const char *name, *help;
	size_t offset;
	size_t size;         /* a text of fewer characters; 0: a number */
	int64_t least, most; /* of a number */
	bool all;            /* or `all`, which is 0 */
};

#define TEXT(member) .offset = offsetof(struct fault, member), .size = sizeof(((struct fault *)0)->member)
#define NUMBER(member, from, to) .offset = offsetof(struct fault, member), .least = (from), .most = (to)

static const struct word_row WORDS[FAULT_WORD_COUNT] = {
	[FAULT_WORD_CALL] = { "call", "calls of that action", TEXT(call) },
	[FAULT_WORD_ID] = { "id", "calls, or connections, that concern this resource", TEXT(id) },
	[FAULT_WORD_NTH] = { "nth", "from the nth matching call on (1)", NUMBER(nth, 1, INT32_MAX) },
	[FAULT_WORD_TIMES] = { "times", "for so many of them, or `all` (1)", NUMBER(times, 1, INT32_MAX),
		.all = true },
	[FAULT_WORD_CHANCE] = { "chance", "each of them in so many of a hundred cases (100)",
		NUMBER(chance, 1, 100) },
	[FAULT_WORD_FROM] = { "from", "not before so many milliseconds have passed since it was added (0)",
		NUMBER(from_ms, 0, DAY_MS) },
	[FAULT_WORD_UNTIL] = { "until", "not after so many (no end)", NUMBER(until_ms, 1, DAY_MS) },
	[FAULT_WORD_INSTANCE] = { "instance", "the instance that it happens to (the one that the call names)",
		TEXT(instance) },
	[FAULT_WORD_ADDRESS] = { "address", "the Elastic IP's allocation id (the one that the call names)",
		TEXT(address) },
	[FAULT_WORD_CODE] = { "code", "the error code", TEXT(code) },
	[FAULT_WORD_STATUS] = { "status", "its HTTP status (the usual one)", NUMBER(status, 400, 599) },
	[FAULT_WORD_FOR] = { "for", "how many milliseconds it lasts (see below)", NUMBER(for_ms, 1, DAY_MS) },
	[FAULT_WORD_AFTER] = { "after", "so many milliseconds after the call (0)",
		NUMBER(after_ms, 0, DAY_MS) },
	[FAULT_WORD_OFF] = { "off", "how far the clock is ahead, in milliseconds; - for behind",
		NUMBER(off_ms, -DAY_MS, DAY_MS) },
	[FAULT_WORD_BYTES] = { "bytes", "so many bytes, both ways together for SSH (0; 100 MB)",
		NUMBER(bytes, 0, GIB) },
	[FAULT_WORD_DEVICE] = { "device", "the device name (`/dev/sdz`)", TEXT(device) },
	[FAULT_WORD_COMMAND] = { "command", "which command of the connection (1)",
		NUMBER(command, 1, INT32_MAX) },
};

const char *fault_word_name(enum fault_word w)
{
	return WORDS[w].name;
}

const char *fault_word_help(enum fault_word w)
{
	return WORDS[w].help;
}

enum fault_word fault_word_find(const char *name)
{
	int w = 0;

	while (w < FAULT_WORD_COUNT && strcmp(WORDS[w].name, name) != 0)
		w++;
	return (enum fault_word)w;
}

static bool read_number(const struct word_row *row, const char *value, int64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoll(value, &end, 10);
	return end != value && !*end && !errno && *ret >= row->least && *ret <= row->most;
}

bool fault_word_set(enum fault_word w, const char *value, struct fault *f, struct error *err)
{
	const struct word_row *row = &WORDS[w];
	char *member = (char *)f + row->offset;
	int64_t number = 0;

	if (row->size && *value && text_copy(member, row->size, value))
		return true;
	if (row->size)
		return error_set(
			err, ERROR_USAGE, "%s must have 1 to %zu characters", row->name, row->size - 1);
	if (!(row->all && !strcmp(value, "all")) && !read_number(row, value, &number))
		return error_set(err, ERROR_USAGE, "%s must be a number from %" PRId64 " to %" PRId64 "%s",
			row->name, row->least, row->most, row->all ? ", or `all`" : "");
	memcpy(member, &number, sizeof(number));
	return true;
}

static void write_word(const struct word_row *row, const struct fault *f, struct text *ret)
{
	const char *member = (const char *)f + row->offset;
	int64_t number;

	text_addf(ret, " %s=", row->name);
	if (row->size) {
		text_add(ret, member);
		return;
	}
	memcpy(&number, member, sizeof(number));
	if (row->all && !number)
		text_add(ret, "all");
	else
		text_addf(ret, "%" PRId64, number);
}

/* What the kind sets by itself is left out, unless it is the one word that must be there. */
static bool is_preset(const struct word_row *row, const struct fault *f, const struct fault *preset)
{
	size_t size = row->size ? row->size : sizeof(int64_t);

	return !memcmp((const char *)f + row->offset, (const char *)preset + row->offset, size);
}

void fault_write(const struct fault *f, struct text *ret)
{
	const struct fault preset = fault_preset(f->kind);
	unsigned words = fault_kind_words(f->kind), needed = fault_kind_row(f->kind)->needs;

	text_add(ret, fault_kind_row(f->kind)->name);
	for (int w = 0; w < FAULT_WORD_COUNT; w++)
		if (needed == 1u << w || (words & 1u << w && !is_preset(&WORDS[w], f, &preset)))
			write_word(&WORDS[w], f, ret);
}
