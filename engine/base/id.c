#include "base/id.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void kernel_fill(void *self, void *bytes, size_t len)
{
	(void)self;
	assert(len <= 256); /* getrandom never returns short up to here */
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
}

const struct entropy entropy_system = { .fill = kernel_fill };

void id_random(char *ret, size_t size, const char *prefix, const struct entropy *entropy)
{
	static const char LETTERS[] = "0123456789abcdefghjkmnpqrstvwxyz";
	unsigned char bytes[ID_RANDOM_CHARS];
	size_t len = strlen(prefix);

	(void)size; /* without assertions nothing else looks at it */
	assert(size > len + ID_RANDOM_CHARS);
	entropy->fill(entropy->self, bytes, sizeof(bytes));
	memcpy(ret, prefix, len);
	for (size_t i = 0; i < sizeof(bytes); i++)
		ret[len++] = LETTERS[bytes[i] & 31];
	ret[len] = '\0';
}

void id_random_hex(char *ret, size_t len, const struct entropy *entropy)
{
	unsigned char bytes[64];

	assert(len <= sizeof(bytes));
	entropy->fill(entropy->self, bytes, len);
	for (size_t i = 0; i < len; i++)
		snprintf(ret + i * 2, 3, "%02x", bytes[i]);
}
