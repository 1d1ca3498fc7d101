/*
 * ssh_wire.h: reading SSH's own encoding (RFC 4251, 5): big-endian numbers and strings with their
 * length in front. A reader never passes its end; what does not fit reads as a failure.
 */
#ifndef NET_SSH_WIRE_H
#define NET_SSH_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct ssh_reader {
	const unsigned char *at;
	size_t left;
};

struct ssh_string {
	const char *bytes; /* borrowed from the reader's bytes; not terminated */
	size_t len;
};

bool ssh_read_number(struct ssh_reader *r, uint32_t *ret) MUST_USE;
bool ssh_read_string(struct ssh_reader *r, struct ssh_string *ret) MUST_USE;
bool ssh_skip(struct ssh_reader *r, size_t len) MUST_USE;
bool ssh_string_is(struct ssh_string s, const char *text);

/* True if `name` is an item of the comma-separated `list`. */
bool ssh_list_has(struct ssh_string list, struct ssh_string name);
#endif
