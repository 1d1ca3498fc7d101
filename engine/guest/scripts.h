/*
 * scripts.h: the shell scripts that run on the machines (templates/guest), embedded or the
 * operator's own, made ready for the standard input of a root shell there.
 */
#ifndef GUEST_SCRIPTS_H
#define GUEST_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "cloud/guest.h"

enum guest_script { SCRIPT_PROBE, SCRIPT_QUIESCE, SCRIPT_MOUNT, SCRIPT_START, SCRIPT_CHECK, SCRIPT_COUNT };

struct scripts;

/* What a script works on. Absent texts are NULL; templates/guest/common.sh says what each is. */
struct script_input {
	const struct guest_volume *volumes;
	size_t volume_count;
	const char *nonce;
	const char *command;
	int limit_ms; /* of the whole script, as the caller will enforce it */
};

/* dir has the operator's own scripts by the same names, any of them; NULL: all are the embedded ones. */
bool scripts_load(const char *dir, struct scripts **ret, struct error *err) MUST_USE;
void scripts_free(struct scripts *s);

/* "quiesce": for messages. */
const char *script_name(enum guest_script which);

/* How the service stands after the script succeeded; SERVICE_UNKNOWN if it does not touch it. */
enum service_state script_leaves(enum guest_script which);

/* Appends the input's variables, quoted, and the script to ret. */
void script_write(
	const struct scripts *s, enum guest_script which, const struct script_input *in, struct text *ret);

/* The command line that gives a root shell which reads a script: by sudo, unless user is root. */
const char *script_shell(const char *user);

/* Appends text as one word of shell, whatever is in it. */
void script_quote(struct text *ret, const char *text);
#endif
