/* machinery_console.h: what a guest prints, read on the loop; the newest 64 KiB are kept, across boots. */
#ifndef SANDBOX_MACHINERY_CONSOLE_H
#define SANDBOX_MACHINERY_CONSOLE_H

#include <stdbool.h>
#include <uv.h>

#include "base/error.h"
#include "base/text.h"

struct console;

struct console *console_new(uv_loop_t *loop);
void console_free(struct console *c);

/* Gives the descriptor to print to for one boot; the caller closes it once the guest has it. */
bool console_connect(struct console *c, int *ret_writer, struct error *err) MUST_USE;

/* Appends what is kept. */
void console_read(const struct console *c, struct text *ret);
#endif
