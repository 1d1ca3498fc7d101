/* A plan file of any bytes, from the YAML to the last cross-check. */
#include <stddef.h>
#include <stdint.h>

#include "plan/check.h"
#include "plan/read.h"
#include "wire/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	auto_arena tree = ARENA_INIT;
	auto_diagnostics d = DIAGNOSTICS_INIT;
	auto_error err = ERROR_INIT;
	struct yaml_document document;
	struct plan plan = { .path = "fuzz" };

	if (yaml_read((const char *)bytes, len, &tree, &document, &err) && document.root) {
		plan_read(document.root, &plan, &d);
		plan_check(document.root, &plan, &d);
		diagnostics_sort(&d);
	}
	arena_release(&plan.arena);
	return 0;
}
