/* A form of any bytes; what was read is written and must read back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	struct form f, again;
	auto_text t;

	text_init(&t, FORM_BYTES_MAX);
	if (!form_read((const char *)bytes, len, &a, &f, &err))
		return 0;
	for (size_t i = 0; i < f.count; i++)
		form_add(&t, f.pairs[i].name, f.pairs[i].value);
	if (t.cut)
		return 0; /* escapes make it longer than what is read at all */
	if (!form_read(t.bytes, t.len, &a, &again, &err) || again.count != f.count)
		abort();
	for (size_t i = 0; i < f.count; i++)
		if (strcmp(f.pairs[i].name, again.pairs[i].name) ||
			strcmp(f.pairs[i].value, again.pairs[i].value))
			abort();
	return 0;
}
