#include "net/ssh_wire.h"

#include <string.h>

bool ssh_skip(struct ssh_reader *r, size_t len)
{
	if (len > r->left)
		return false;
	r->at += len;
	r->left -= len;
	return true;
}

bool ssh_read_number(struct ssh_reader *r, uint32_t *ret)
{
	const unsigned char *b = r->at;

	if (!ssh_skip(r, 4))
		return false;
	*ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return true;
}

bool ssh_read_string(struct ssh_reader *r, struct ssh_string *ret)
{
	struct ssh_reader trial = *r;
	const unsigned char *bytes;
	uint32_t len;

	if (!ssh_read_number(&trial, &len))
		return false;
	bytes = trial.at;
	if (!ssh_skip(&trial, len))
		return false;
	*ret = (struct ssh_string){ .bytes = (const char *)bytes, .len = len };
	*r = trial;
	return true;
}

bool ssh_string_is(struct ssh_string s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.bytes, text, s.len);
}

bool ssh_list_has(struct ssh_string list, struct ssh_string name)
{
	const char *end = list.bytes + list.len;

	for (const char *item = list.bytes; item < end;) {
		const char *comma = memchr(item, ',', (size_t)(end - item));
		size_t len = (size_t)((comma ? comma : end) - item);

		if (len == name.len && !memcmp(item, name.bytes, len))
			return true;
		item += len + 1;
	}
	return false;
}
