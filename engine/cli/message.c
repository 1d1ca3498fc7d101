#include "cli/message.h"

#include <stdarg.h>
#include <string.h>

#include "report/member.h"

enum {
	FORMAT_VERSION = 1,
	DOCUMENT_BYTES_MAX = 512 * 1024 * 1024, /* of 200,000 machines: 60 MiB. Half a document is none */
};

json_t *message_error_json(const struct error *err, const char *next)
{
	json_t *o = json_object();

	member_text(o, "kind", error_kind_name(err->kind));
	member_text(o, "message", err->message);
	member_text(o, "code", err->code);
	member_text(o, "request_id", err->request_id);
	member_text(o, "happened", error_happened_name(err->happened));
	member_text(o, "hint", err->hint);
	member_text(o, "next", next);
	return o;
}

void message_document(const struct cli *cli, json_t *document)
{
	bool lines = cli->shared.events && !strcmp(cli->shared.events, "jsonl");
	json_auto_t *whole = json_object();
	auto_text text = { 0 };

	member_number(whole, "format_version", FORMAT_VERSION);
	json_object_update(whole, document);
	text_init(&text, DOCUMENT_BYTES_MAX);
	json_write(whole, lines ? JSON_ON_ONE_LINE : JSON_INDENTED, &text);
	fprintf(cli->out, "%s\n", text.bytes);
}

/* What is known of an effect that may not be undone by saying that it failed. */
static const char *const HAPPENED_TEXTS[] = {
	[HAPPENED_NO] = NULL,
	[HAPPENED_UNKNOWN] = "no answer came: it may have taken hold all the same",
	[HAPPENED_YES] = "it took hold all the same",
};

static void print_line(const struct cli *cli, const char *name, const char *text)
{
	if (!text_is_empty(text))
		fprintf(cli->err, "  %s%s\n", name, text);
}

static void print_error(const struct cli *cli, const struct error *err, const char *next)
{
	fprintf(cli->err, "changeover%s%s: %s\n", cli->command ? " " : "",
		cli->command ? cli->command->name : "", err->message);
	print_line(cli, "AWS error: ", err->request_id ? err->code : NULL);
	print_line(cli, "AWS request: ", err->request_id);
	print_line(cli, "", HAPPENED_TEXTS[err->happened]);
	print_line(cli, "", err->hint);
	print_line(cli, "next: ", next);
}

enum exit_code message_error(const struct cli *cli, const struct error *err, const char *next)
{
	enum exit_code code = exit_of_error(err);
	json_auto_t *document = NULL;

	print_error(cli, err, next);
	if (!cli->shared.json)
		return code;
	document = json_object();
	member_text(document, "result", "failed");
	member_number(document, "exit_code", code);
	json_object_set_new(document, "error", message_error_json(err, next));
	message_document(cli, document);
	return code;
}

void message_diagnostics(const struct cli *cli, const struct diagnostics *d)
{
	for (size_t i = 0; i < d->count; i++)
		fprintf(cli->err, "%s:%d:%d: %s\n", d->path, d->items[i].line, d->items[i].column,
			d->items[i].message);
	if (d->dropped)
		fprintf(cli->err, "%s: and %zu more\n", d->path, d->dropped);
}

void message_note(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->shared.quiet)
		return;
	va_start(ap, fmt);
	vfprintf(cli->err, fmt, ap);
	va_end(ap);
	fputc('\n', cli->err);
}
