/* A reply of any bytes; what was read of it is written and must read back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_escape(const struct xml_element *e)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	const struct xml_element *again;
	auto_text t;

	text_init(&t, XML_BYTES_MAX);
	xml_add(&t, "x", e->text);
	if (!xml_read(t.bytes, t.len, &a, &again, &err) || strcmp(again->text, e->text) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_arena a = ARENA_INIT;
	auto_error err = ERROR_INIT;
	const struct xml_element *root;

	if (!xml_read((const char *)bytes, len, &a, &root, &err))
		return 0;
	check_escape(root);
	for (const struct xml_element *e = root->first; e; e = xml_next(e))
		check_escape(e);
	return 0;
}
