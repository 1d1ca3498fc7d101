/* JSON of any bytes; what was read is written and must read back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_error err = ERROR_INIT;
	json_auto_t *value = NULL, *again = NULL;
	auto_text t;

	text_init(&t, JSON_BYTES_MAX);
	if (!json_read((const char *)bytes, len, &value, &err))
		return 0;
	json_write(value, JSON_ON_ONE_LINE, &t);
	if (!json_read(t.bytes, t.len, &again, &err) || !json_equal(value, again))
		abort();
	return 0;
}
