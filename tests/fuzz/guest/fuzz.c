/*
 * What a machine says, of any bytes: a probe's or a script's output, as far as the first byte 0xff,
 * and its errors after that. A broken or hostile machine must not do more than fail.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guest/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* NUL-terminated, as ssh.h promises. */
static char *copy(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		abort();
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const uint8_t *split = len ? memchr(bytes, 0xff, len) : NULL;
	size_t out_len = split ? (size_t)(split - bytes) : len;
	size_t errors_len = split ? len - out_len - 1 : 0;
	char *out = copy(bytes, out_len), *errors = copy(split ? split + 1 : bytes, errors_len);
	const struct ssh_result result = {
		.signal = "", .out = out, .errors = errors, .out_len = out_len, .errors_len = errors_len
	};
	auto_error err = ERROR_INIT;
	struct report report;

	if (report_read(&result, &report, &err) != !err.kind)
		abort(); /* it says what is wrong, or nothing is */
	if (!err.kind && !(report.started && report.succeeded))
		abort();
	for (const char *c = err.kind ? err.message : ""; *c; c++)
		if ((unsigned char)*c < ' ')
			abort(); /* it is shown on a terminal */
	free(out);
	free(errors);
	return 0;
}
