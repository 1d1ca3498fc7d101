/* pages.h: the sandbox's own pages, below /_sandbox/: what really happened, as JSON. */
#ifndef SANDBOX_API_PAGES_H
#define SANDBOX_API_PAGES_H

#include <stdbool.h>

#include "base/text.h"
#include "sandbox/api/ledger.h"
#include "sandbox/api/request.h"
#include "sandbox/model/model.h"

struct pages_source {
	const struct model *model;
	const struct ledger *ledger;
	const struct api_machines *machines;
};

/* False if there is no such page. */
bool pages_write(const struct pages_source *s, const char *path, struct text *ret);
#endif
