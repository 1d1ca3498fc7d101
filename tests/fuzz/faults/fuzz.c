/* A file of faults of any bytes; what was read is written and must read back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/model/fault.h"

enum { LINES_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct fault_source from = { .name = "fuzz" };
	auto_error err = ERROR_INIT;
	struct fault_list list, again;
	auto_text lines;

	text_init(&lines, LINES_MAX);
	text_add_bytes(&lines, bytes, len);
	if (!fault_read(&from, lines.bytes, &list, &err))
		return 0;
	text_clear(&lines);
	for (size_t i = 0; i < list.count; i++) {
		fault_write(&list.items[i], &lines);
		text_add_char(&lines, '\n');
	}
	if (!lines.cut && (!fault_read(&from, lines.bytes, &again, &err) || again.count != list.count))
		abort();
	for (size_t i = 0; !lines.cut && i < list.count; i++)
		if (memcmp(&list.items[i], &again.items[i], sizeof(list.items[i])))
			abort();
	if (!lines.cut)
		fault_list_release(&again);
	fault_list_release(&list);
	return 0;
}
