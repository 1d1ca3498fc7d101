/* credentials.h: the file that a shell sources to use the sandbox: DIR/env, mode 0600. */
#ifndef SANDBOX_CREDENTIALS_H
#define SANDBOX_CREDENTIALS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"

struct credentials {
	const char *access_key;
	const struct secret *secret;
	const char *region;
	int port;
};

struct credentials_file {
	char *path; /* owned; NULL: not written */
};

/* Replaces a file that a killed predecessor left. */
bool credentials_write(const struct credentials *c, const char *dir, struct credentials_file *ret,
	struct error *err) MUST_USE;

/* Removes the file, if it was written. */
void credentials_remove(struct credentials_file *f);
#endif
