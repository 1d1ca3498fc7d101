/*
 * credentials.h: who we are to AWS. The chain of the SDKs (boto/botocore botocore/credentials.py):
 * environment, then the profile's members. Of these, static keys are carried out here; a profile or
 * environment that asks for another member (a role, web identity, SSO, a process, a container's or
 * an instance's role) is refused by that name, never passed over in silence.
 */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdbool.h>

#include "aws/settings.h"
#include "base/error.h"
#include "base/secret.h"

struct credentials {
	char *access_key_id; /* owned; not a secret, and never empty */
	struct secret secret_key;
	struct secret session_token; /* empty: none */
	const char *source;          /* where they were found; static text, for people */
};

/*
 * ERROR_DENIED if there are none, naming every place that was looked at, or if what is there is
 * incomplete or malformed. On failure *ret needs no release.
 */
bool credentials_find(const struct settings *s, struct credentials *ret, struct error *err) MUST_USE;
void credentials_release(struct credentials *c);
#endif
