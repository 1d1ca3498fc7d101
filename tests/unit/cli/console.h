/* console.h: a command line run inside the test: its streams in memory, its environment and clock ours. */
#ifndef TESTS_CLI_CONSOLE_H
#define TESTS_CLI_CONSOLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/dispatch.h"
#include "wire/json.h"

enum { WORDS_MAX = 16 };

struct console {
	char *out, *err;
	enum exit_code code;
};

static inline int64_t fixed_ms(void *self)
{
	(void)self;
	return 1795312830000; /* 2026-11-22T02:00:30Z */
}

static const struct clock FIXED_CLOCK = { .mono_ms = fixed_ms, .wall_ms = fixed_ms };

/* Runs words (NULL-terminated) with the environment (likewise; NULL: empty). Free with console_free(). */
static inline struct console console_run(char **words, char **environment)
{
	static char *empty[] = { NULL };
	struct console c = { .out = NULL };
	size_t out_size, err_size;
	struct cli cli = { .out = open_memstream(&c.out, &out_size),
		.err = open_memstream(&c.err, &err_size),
		.environment = environment ? environment : empty,
		.clock = &FIXED_CLOCK,
		.entropy = &entropy_system };

	c.code = dispatch(&cli, words);
	fclose(cli.out);
	fclose(cli.err);
	return c;
}

#define RUN(...) console_run((char *[]){ __VA_ARGS__, NULL }, NULL)

static inline void console_free(struct console *c)
{
	free(c->out);
	free(c->err);
}

#define auto_console CLEANUP(console_free) struct console

/* The one JSON document that is all of stdout; the caller owns it. */
static inline json_t *console_document(const struct console *c)
{
	struct error err = ERROR_INIT;
	json_t *document = NULL;

	if (!json_read(c->out, strlen(c->out), &document, &err))
		fail_msg("%s: %s", err.message, c->out);
	assert_int_equal(json_integer_value(json_object_get(document, "format_version")), 1);
	return document;
}

static inline void says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("`%s` does not say `%s`", text, part);
}
#endif
