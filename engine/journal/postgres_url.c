#include "journal/postgres_url.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { SHOWN_BYTES = 1024 };

bool postgres_url_is(const char *location)
{
	return text_starts_with(location, "postgres://") || text_starts_with(location, "postgresql://");
}

/* What the URL itself says, or "". */
static const char *part(const PQconninfoOption *options, const char *keyword)
{
	for (; options->keyword; options++)
		if (!strcmp(options->keyword, keyword))
			return options->val ? options->val : "";
	return "";
}

/* A folder of Unix sockets stands behind the database, as in `postgres:///db?host=/run/postgresql`. */
static void write_parts(struct text *t, const PQconninfoOption *o)
{
	const char *user = part(o, "user"), *host = part(o, "host"), *port = part(o, "port");
	bool is_socket = host[0] == '/';

	text_addf(t, "postgres://%s%s", user, *user ? "@" : "");
	text_addf(t, "%s%s%s", is_socket ? "" : host, *port ? ":" : "", port);
	text_addf(t, "/%s", part(o, "dbname"));
	if (is_socket)
		text_addf(t, "?host=%s", host);
}

/*
 * A slash in a password ends the part where passwords are: the rest is then taken for host, port and database, and
 * would be shown as such.
 */
static bool is_sound(const PQconninfoOption *o)
{
	const char *port = part(o, "port");

	return port[strspn(port, "0123456789,")] == '\0' && !strchr(part(o, "host"), '@') &&
	       !strchr(part(o, "dbname"), '@');
}

bool postgres_url_is_sound(const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	bool sound = options && is_sound(options);

	PQconninfoFree(options);
	return sound;
}

char *postgres_url_redact(const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	auto_text t = { 0 };

	text_init(&t, SHOWN_BYTES);
	if (options && is_sound(options))
		write_parts(&t, options);
	else
		text_add(&t, "postgres://...");
	PQconninfoFree(options);
	return text_take(&t);
}
