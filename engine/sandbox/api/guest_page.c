#include "sandbox/api/guest_page.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "wire/form.h"
#include "wire/json.h"

static const char PATH[] = "/_sandbox/guests/";
enum { OUTPUT_MAX = 64 * 1024 };

static void refuse(struct api_reply *ret, int status, const char *why)
{
	ret->status = status;
	ret->content_type = "text/plain";
	text_addf(&ret->body, "%s\n", why);
}

static void write_answer(const struct api_guest_answer *a, struct api_reply *ret)
{
	json_auto_t *shown = a->again
				     ? json_pack("{s:b}", "again", 1)
				     : json_pack("{s:i, s:o, s:o}", "exit", a->exit_code, "out",
					       json_text(a->out.bytes), "errors", json_text(a->errors.bytes));

	ret->status = 200;
	ret->content_type = "application/json";
	json_write(shown, JSON_ON_ONE_LINE, &ret->body);
	text_add_char(&ret->body, '\n');
}

static bool read_command(const struct signed_request *r, struct arena *arena, struct api_guest_command *ret)
{
	auto_error err = ERROR_INIT;
	const char *waited;
	struct form query;

	if (!form_read_query(r->query, strlen(r->query), arena, &query, &err))
		return false;
	waited = form_find(&query, "waited");
	*ret = (struct api_guest_command){
		.instance_id = r->path + strlen(PATH),
		.line = form_find(&query, "line"),
		.input = r->body,
		.waited_ms = waited ? strtoll(waited, NULL, 10) : 0,
	};
	return ret->line && strlen(r->body) == r->body_len;
}

bool guest_page_answer(
	const struct api_machines *machines, const struct signed_request *r, struct api_reply *ret)
{
	struct api_guest_answer answer = { .exit_code = 0 };
	struct api_guest_command command;
	auto_arena arena = ARENA_INIT;

	if (!machines->run || !text_starts_with(r->path, PATH))
		return false;
	if (strcmp(r->method, "POST") != 0 || !read_command(r, &arena, &command)) {
		refuse(ret, 400, "POST, with ?line=COMMAND; the body is its input, without NUL bytes");
		return true;
	}
	text_init(&answer.out, OUTPUT_MAX);
	text_init(&answer.errors, OUTPUT_MAX);
	if (machines->run(machines->ctx, &command, &answer))
		write_answer(&answer, ret);
	else
		refuse(ret, 404, "no such machine is running");
	text_release(&answer.out);
	text_release(&answer.errors);
	return true;
}
