/* sqlite_file.h: the journal's file as the file system knows it: made whole, for its owner only, or not at all. */
#ifndef JOURNAL_SQLITE_FILE_H
#define JOURNAL_SQLITE_FILE_H

#include <stdbool.h>

#include "base/compiler.h"
#include "base/error.h"

/* Puts an empty journal into the empty file at path. */
typedef bool sqlite_file_fill(const char *path, struct error *err);

/*
 * Makes the file if it is missing, and the folders above it: it has its content from its first moment, so that
 * one without bytes is one that lost them. Of two that make it at the same time, one finds the other's.
 */
bool sqlite_file_make(const char *path, sqlite_file_fill *fill, struct error *err) MUST_USE;

/* Refuses what SQLite would take for a new database, or say little about: nothing, no bytes, a folder. */
bool sqlite_file_check(const char *path, struct error *err) MUST_USE;
#endif
