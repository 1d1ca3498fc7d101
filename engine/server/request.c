#include "server/request.h"

#include <string.h>

#include <openssl/crypto.h>

#include "base/encode.h"
#include "wire/utf8.h"

enum { CREDENTIALS_MAX = 1024 };

void request_answer(struct request *r, int status, json_t *document)
{
	r->answer->status = status;
	r->answer->content_type = "application/json; charset=utf-8";
	text_clear(&r->answer->body);
	json_write(document, JSON_ON_ONE_LINE, &r->answer->body);
	text_add_char(&r->answer->body, '\n');
	json_decref(document);
}

const char *request_header(const struct request *r, const char *name)
{
	const char *value = http_exchange_header(r->exchange, name);

	return value ? value : "";
}

/* Compares without telling by the time that it takes how much of the guess was right. */
static bool is_password(const struct secret *password, const char *guess)
{
	return strlen(guess) == password->len &&
	       CRYPTO_memcmp(guess, secret_reveal(password), password->len) == 0;
}

bool request_is_by_administrator(const struct request *r)
{
	static const char SCHEME[] = "Basic ";
	const char *given = request_header(r, "Authorization"), *colon;
	auto_text credentials = { .bytes = NULL };
	bool known;

	if (secret_is_empty(r->options->password) || strncasecmp(given, SCHEME, strlen(SCHEME)) != 0)
		return false;
	given += strlen(SCHEME);
	text_init(&credentials, CREDENTIALS_MAX);
	if (!base64_decode(given, strlen(given), &credentials))
		return false;
	colon = strchr(credentials.bytes, ':');
	known = colon && is_password(r->options->password, colon + 1);
	explicit_bzero(credentials.bytes, credentials.len);
	return known;
}

const char *request_held_text(const struct request *r, const struct lock *l)
{
	char since[CLOCK_TEXT_SIZE];

	if (!l->count)
		return arena_printf(r->arena, "%s has no slots", l->name);
	return arena_printf(r->arena, "%zu of %d slots of %s are held, the longest by %s since %s", l->count,
		(int)l->slots, l->name, l->holders[0].name, clock_format(l->holders[0].since_ms, since));
}

bool request_name_is_fit(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > LOCK_NAME_MAX || utf8_valid(name, len) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 127)
			return false;
	return true;
}
