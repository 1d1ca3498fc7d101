#include "sandbox/api/throttle_page.h"

#include <string.h>

#include "sandbox/api/actions.h"

static const char PATH[] = "/_sandbox/throttle";

static bool is_word(const struct signed_request *r, const char *word)
{
	return r->body_len == strlen(word) && !memcmp(r->body, word, r->body_len);
}

bool throttle_page_answer(struct throttle **throttle, const struct signed_request *r, struct api_reply *ret)
{
	bool on = is_word(r, "on");

	if (strcmp(r->path, PATH) != 0)
		return false;
	ret->content_type = "text/plain";
	if (strcmp(r->method, "POST") != 0 || (!on && !is_word(r, "off"))) {
		ret->status = 400;
		text_add(&ret->body, "POST; the body is `on` or `off`\n");
		return true;
	}
	throttle_free(*throttle);
	*throttle = on ? throttle_new(action_count()) : NULL;
	ret->status = 200;
	text_addf(&ret->body, "%s\n", on ? "on" : "off");
	return true;
}
