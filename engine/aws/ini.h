/*
 * ini.h: the files that AWS tools share, ~/.aws/config and ~/.aws/credentials.
 *
 *	[profile production]
 *	region = eu-west-1
 *	services = here
 *
 *	[services here]
 *	ec2 =
 *	  endpoint_url = http://127.0.0.1:4566
 *
 * A line that begins with # or ; is a comment; there are no comments at the end of a line, since
 * keys and addresses may hold both characters. A line indented deeper than the setting above it
 * belongs to that setting: nested if the setting is empty, else a continuation. Sections and
 * settings given twice are refused, as the AWS CLI does (boto/botocore botocore/configloader.py).
 *
 * The files hold secrets: ini_free() wipes what was read.
 */
#ifndef AWS_INI_H
#define AWS_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { INI_BYTES_MAX = 256 * 1024, INI_SETTINGS_MAX = 4096 };

struct ini;

/* ERROR_MISSING if there is no such file; ERROR_USAGE, with file:line, if it cannot be understood. */
bool ini_load(const char *path, struct ini **ret, struct error *err) MUST_USE;

/* Likewise from bytes; path is for messages. */
bool ini_parse(const char *path, const char *bytes, size_t len, struct ini **ret, struct error *err) MUST_USE;

/*
 * section is the text between the brackets with one space between its words and no quotation marks:
 * "default", "profile production", "services here". Both settings are borrowed from the file; NULL
 * if absent.
 */
bool ini_has_section(const struct ini *f, const char *section);
const char *ini_find(const struct ini *f, const char *section, const char *key);
const char *ini_find_nested(const struct ini *f, const char *section, const char *key, const char *inner);

const char *ini_path(const struct ini *f);

void ini_free(struct ini *f);
#endif
