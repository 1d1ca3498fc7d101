#include "plan/keys.h"
#include "plan/schema.h"
#include "plan/wording.h"

static void add_row(struct text *ret, const struct key *k)
{
	text_addf(ret, "| `%s` | ", k->path);
	wording_add_expected(ret, k);
	text_addf(ret, " | %s%s%s | %s", k->standard ? "`" : "", k->standard ? k->standard : "",
		k->standard ? "`" : "", k->help);
	if (k->required)
		text_addf(ret, ". Required: %s", k->required);
	for (const struct key_word *w = k->words; w && w->word; w++)
		if (w->unsupported)
			text_addf(ret, ". `%s` is not supported yet: %s", w->word, w->unsupported);
	if (k->unsupported)
		text_addf(ret, ". **Not supported yet**: %s", k->unsupported);
	text_add(ret, " |\n");
}

void plan_reference_write(struct text *ret)
{
	size_t count;
	const struct key *all = keys_all(&count);

	text_add(ret, "| key | value | default | meaning |\n| --- | --- | --- | --- |\n");
	for (size_t i = 1; i < count; i++)
		add_row(ret, &all[i]);
}
