/* A console's output of any bytes: what is taken for host keys is whole lines of key types. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/console.h"
#include "cloud/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_lines(const char *keys)
{
	for (const char *line = keys; *line;) {
		const char *end = strchr(line, '\n'), *space = strchr(line, ' ');

		if (!end || !space || space > end)
			abort(); /* "type base64", each with its line end */
		if (strncmp(line, "ssh-", 4) && strncmp(line, "ecdsa-", 6) && strncmp(line, "sk-", 3))
			abort();
		line = end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const size_t SIZES[] = { 1, 64, CLOUD_HOST_KEYS_SIZE };
	char keys[CLOUD_HOST_KEYS_SIZE];

	for (size_t i = 0; i < sizeof(SIZES) / sizeof(*SIZES); i++) {
		memset(keys, 'x', sizeof(keys));
		if (console_host_keys((const char *)bytes, len, keys, SIZES[i]))
			check_lines(keys);
		else if (keys[0])
			abort();
	}
	return 0;
}
