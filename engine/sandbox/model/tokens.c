/* tokens.c: client tokens: the same token and parameters give the same result (EC2 API, idempotency). */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "sandbox/model/inside.h"

static char *key_of(const char *scope, const char *client_token)
{
	char *key;

	if (asprintf(&key, "%s %s", scope, client_token) < 0)
		abort();
	return key;
}

const struct token *token_find(const struct model *m, const char *scope, const char *client_token)
{
	auto_free char *key = NULL;

	if (!client_token)
		return NULL;
	key = key_of(scope, client_token);
	return index_find(&m->tokens, key);
}

bool token_check(const struct token *t, uint64_t fingerprint, struct error *err)
{
	if (!t || t->fingerprint == fingerprint)
		return true;
	return model_refuse(err, "IdempotentParameterMismatch",
		"The client token you have provided is associated with a resource that is different from "
		"the one specified in the current request.");
}

struct token *token_add(struct model *m, const char *scope, const char *client_token, size_t count)
{
	struct token *t = alloc_zeroed(1, sizeof(*t) + count * sizeof(t->ids[0]));

	t->key = key_of(scope, client_token);
	t->count = count;
	index_add(&m->tokens, t->key, t);
	return t;
}

void token_free_all(struct model *m)
{
	struct token *t;

	for (uint64_t at = 0; (t = index_next(&m->tokens, &at));) {
		free(t->key);
		free(t);
	}
}
