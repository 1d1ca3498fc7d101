#include "cli/detached.h"

#include "cli/message.h"

void detached_print(const struct cli *cli, const char *rollout, size_t machines)
{
	json_auto_t *document = NULL;

	if (!cli->shared.json) {
		fprintf(cli->out, "rollout %s of %zu machines is left to workers\n", rollout, machines);
		return;
	}
	document = json_object();
	json_object_set_new(document, "rollout", json_string(rollout));
	json_object_set_new(document, "machines", json_integer((json_int_t)machines));
	message_document(cli, document);
}
