/* postgres_url.h: what of --journal and --store is a URL of PostgreSQL, and how people may see it. */
#ifndef JOURNAL_POSTGRES_URL_H
#define JOURNAL_POSTGRES_URL_H

#include <stdbool.h>

#include "base/compiler.h"

/* True for postgres:// and postgresql://, as libpq takes them (libpq-connect, "Connection URIs"). */
bool postgres_url_is(const char *location);

/* True if libpq can read it, and reads nothing of the password as something else. */
bool postgres_url_is_sound(const char *url);

/*
 * The URL made anew from the parts that are no secrets: user, host, port, database. What is not sound is shown as
 * "postgres://...", because nobody can say where its password is. The caller frees it.
 */
char *postgres_url_redact(const char *url) MUST_USE;
#endif
