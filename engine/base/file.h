/* file.h: whole files in and out, with a cap. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

/*
 * Appends the file's bytes to ret; a file larger than ret's limit is an error, not cut.
 * ERROR_MISSING if it does not exist, ERROR_LOCAL otherwise.
 */
bool file_read(const char *path, struct text *ret, struct error *err) MUST_USE;

/* path with a leading ~/ replaced by home; the caller frees it. home may be NULL (then ~ stays). */
char *file_expand_home(const char *path, const char *home) MUST_USE;

/* path itself if absolute, else inside the folder of the file `beside`; the caller frees it. */
char *file_resolve(const char *beside, const char *path) MUST_USE;
#endif
