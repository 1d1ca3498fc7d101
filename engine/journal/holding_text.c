#include "journal/holding_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 10, HEAD_SIZE = 64, LINES_MAX = 64 * 1024 * 1024 };

/*
 * FNV-1a of 64 bits (isthe.com/chongo/tech/comp/fnv). It tells lines that the disk has not, or not all of,
 * from those that were written; nobody has to be kept from making up others.
 */
static uint64_t checksum(const char *bytes, size_t len)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* Names have no control characters; who asked may be what an environment variable says. */
static void add_field(const char *s, struct text *ret)
{
	text_add_char(ret, '\t');
	for (; s && *s; s++)
		text_add_char(ret, (unsigned char)*s < ' ' ? '?' : *s);
}

static void add_change(const struct holding_change *c, struct text *ret)
{
	text_addf(ret, "%s\t%" PRId64, holding_change_name(c->kind), c->lock.id);
	add_field(c->lock.name, ret);
	text_addf(ret, "\t%" PRId64 "\t%d\t%" PRId64 "\t%" PRId64 "\t%" PRId64, c->lock.slots,
		c->lock.enabled, c->lock.created_ms, c->lock.updated_ms, c->event_id);
	add_field(c->holder, ret);
	add_field(c->via, ret);
	text_add_char(ret, '\n');
}

void holding_text_add(const struct holding_batch *b, struct text *ret)
{
	auto_text lines = { .bytes = NULL };

	text_init(&lines, LINES_MAX);
	text_addf(&lines, "%" PRId64 " %" PRId64 " %" PRId64 "\n", b->from, b->to.number, b->to.last_id);
	for (size_t i = 0; i < b->count; i++)
		add_change(&b->changes[i], &lines);
	text_addf(ret, "batch %zu %016" PRIx64 "\n", lines.len, checksum(lines.bytes, lines.len));
	text_add_bytes(ret, lines.bytes, lines.len);
}

/* The first line, with its line feed; false if there is none that fits. */
static bool copy_head(const char *bytes, size_t len, char ret[HEAD_SIZE])
{
	const char *end = memchr(bytes, '\n', len < HEAD_SIZE - 1 ? len : HEAD_SIZE - 1);

	if (!end)
		return false;
	memcpy(ret, bytes, (size_t)(end + 1 - bytes));
	ret[end + 1 - bytes] = '\0';
	return true;
}

bool holding_text_find(const char *bytes, size_t len, struct holding_text *ret)
{
	char head[HEAD_SIZE], numbers[HEAD_SIZE];
	struct holding_text t;
	uint64_t sum;
	size_t head_len;

	if (!copy_head(bytes, len, head) || sscanf(head, "batch %zu %16" SCNx64, &t.len, &sum) != 2)
		return false;
	head_len = strlen(head);
	if (t.len > len - head_len)
		return false;
	t.lines = bytes + head_len;
	t.size = head_len + t.len;
	if (checksum(t.lines, t.len) != sum || !copy_head(t.lines, t.len, numbers) ||
		sscanf(numbers, "%" SCNd64 " %" SCNd64 " %" SCNd64, &t.from, &t.to.number, &t.to.last_id) !=
			3)
		return false;
	*ret = t;
	return true;
}

static bool read_change(char *line, struct holding_change *ret)
{
	char *fields[FIELDS], *rest = line;
	size_t count = 0;

	while (count < FIELDS && (fields[count] = strsep(&rest, "\t")))
		count++;
	*ret = (struct holding_change){ .kind = HOLDING_CHANGE_COUNT };
	if (count < FIELDS || rest || !holding_change_parse(fields[0], &ret->kind))
		return false;
	ret->lock = (struct holding_lock){
		.id = strtoll(fields[1], NULL, 10),
		.name = fields[2],
		.slots = strtoll(fields[3], NULL, 10),
		.enabled = *fields[4] == '1',
		.created_ms = strtoll(fields[5], NULL, 10),
		.updated_ms = strtoll(fields[6], NULL, 10),
	};
	ret->event_id = strtoll(fields[7], NULL, 10);
	ret->holder = fields[8];
	ret->via = fields[9];
	return true;
}

static size_t count_lines(const struct holding_text *t)
{
	size_t count = 0;

	for (size_t i = 0; i < t->len; i++)
		count += t->lines[i] == '\n';
	return count;
}

bool holding_text_read(const struct holding_text *t, struct arena *a, struct holding_batch *ret)
{
	size_t count = count_lines(t) - 1, read = 0;
	struct holding_change *changes = arena_array(a, count, sizeof(*changes));
	char *rest = arena_copy_bytes(a, t->lines, t->len), *line = strsep(&rest, "\n");

	while (read < count && (line = strsep(&rest, "\n")) && read_change(line, &changes[read]))
		read++;
	*ret = (struct holding_batch){ t->from, t->to, changes, count };
	return read == count;
}
