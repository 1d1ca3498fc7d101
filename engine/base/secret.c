#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

void secret_set(struct secret *s, const char *bytes, size_t len)
{
	char *hidden = malloc(len + 1);

	if (!hidden)
		abort();
	memcpy(hidden, bytes, len);
	hidden[len] = '\0';
	secret_release(s);
	*s = (struct secret){ .hidden = hidden, .len = len };
}

bool secret_is_empty(const struct secret *s)
{
	return s->len == 0;
}

const char *secret_reveal(const struct secret *s)
{
	return s->hidden ? s->hidden : "";
}

void secret_release(struct secret *s)
{
	if (s->hidden)
		explicit_bzero(s->hidden, s->len);
	free(s->hidden);
	*s = (struct secret)SECRET_INIT;
}
