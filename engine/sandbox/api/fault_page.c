#include "sandbox/api/fault_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "sandbox/api/actions.h"
#include "sandbox/model/incidents.h"
#include "wire/json.h"

static const char PATH[] = "/_sandbox/faults";
enum { LINE_MAX_CHARS = 1024 };

bool fault_page_add(const struct fault_page *p, const char *name, const char *lines, struct error *err)
{
	auto_arena arena = ARENA_INIT;
	const char **calls = arena_array(&arena, action_count(), sizeof(*calls));
	const struct fault_source from = {
		.name = name,
		.calls = calls,
		.call_count = action_count(),
		.without_ssh = !p->ssh,
	};
	struct fault_list list;

	for (size_t i = 0; i < action_count(); i++)
		calls[i] = action_at(i)->name;
	if (!fault_read(&from, lines, &list, err))
		return false;
	for (size_t i = 0; i < list.count; i++)
		model_add_fault(p->model, &list.items[i]);
	fault_list_release(&list);
	return true;
}

static json_t *fault_json(const struct fault *f)
{
	auto_text line;

	text_init(&line, LINE_MAX_CHARS);
	fault_write(f, &line);
	return json_pack("{s:i, s:o, s:I, s:I}", "number", (int)f->number, "line", json_text(line.bytes),
		"matched", (json_int_t)f->matched, "fired", (json_int_t)f->fired);
}

static void show(const struct fault_page *p, struct api_reply *ret)
{
	json_auto_t *list = json_array();

	for (const struct fault *f = NULL; (f = faults_next(model_faults(p->model), f));)
		json_array_append_new(list, fault_json(f));
	json_write(list, JSON_INDENTED, &ret->body);
	text_add_char(&ret->body, '\n');
}

static void refuse(struct api_reply *ret, int status, const char *why)
{
	ret->status = status;
	ret->content_type = "text/plain";
	text_addf(&ret->body, "%s\n", why);
}

static void on_get(const struct fault_page *p, const struct signed_request *r, struct api_reply *ret)
{
	(void)r;
	show(p, ret);
}

static void on_post(const struct fault_page *p, const struct signed_request *r, struct api_reply *ret)
{
	auto_error err = ERROR_INIT;

	if (strlen(r->body) != r->body_len)
		refuse(ret, 400, "a line must not hold a NUL byte");
	else if (fault_page_add(p, "line", r->body, &err))
		show(p, ret);
	else
		refuse(ret, 400, err.message);
}

/* rest: what is behind the path: nothing, or /N. */
static void on_delete(const struct fault_page *p, const struct signed_request *r, struct api_reply *ret)
{
	const char *rest = r->path + strlen(PATH);
	char *end;
	unsigned long number;

	if (!*rest) {
		faults_remove_all(model_faults(p->model));
		show(p, ret);
		return;
	}
	errno = 0;
	number = strtoul(rest + 1, &end, 10);
	if (end == rest + 1 || *end || errno || number > UINT32_MAX ||
		!faults_remove(model_faults(p->model), (unsigned)number))
		refuse(ret, 404, "there is no such fault");
	else
		show(p, ret);
}

static const struct {
	const char *method;
	bool numbered; /* may be asked for one fault */
	void (*answer)(const struct fault_page *p, const struct signed_request *r, struct api_reply *ret);
} METHODS[] = {
	{ "GET", false, on_get },
	{ "POST", false, on_post },
	{ "DELETE", true, on_delete },
};

bool fault_page_answer(const struct fault_page *p, const struct signed_request *r, struct api_reply *ret)
{
	const char *rest = r->path + strlen(PATH);

	if (!text_starts_with(r->path, PATH) || (*rest && *rest != '/'))
		return false;
	ret->status = 200;
	ret->content_type = "application/json";
	for (size_t i = 0; i < ARRAY_SIZE(METHODS); i++) {
		if (strcmp(METHODS[i].method, r->method) != 0 || (*rest && !METHODS[i].numbered))
			continue;
		METHODS[i].answer(p, r, ret);
		return true;
	}
	refuse(ret, 405, "GET, POST and DELETE; DELETE with /N for one of them");
	return true;
}
