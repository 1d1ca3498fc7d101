/*
 * yaml.h: YAML by libyaml's events, cut down to what a configuration file needs and made safe.
 *
 * Refused, each with its place: more than YAML_BYTES_MAX bytes, what is not UTF-8, NUL and other
 * control characters, nesting beyond YAML_DEPTH_MAX, more than YAML_NODES_MAX values or
 * YAML_KEYS_MAX keys in one mapping, anchors, aliases and tags (so no bombs), a second document,
 * keys that are not plain words.
 *
 * The depth is checked at each event, before libyaml is asked for the next: it looks at most 1024
 * characters ahead, so that its quadratic scanner (0.2.5: 100 KB of [ take 28 s) never gets going.
 */
#ifndef WIRE_YAML_H
#define WIRE_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum {
	YAML_BYTES_MAX = 1024 * 1024,
	YAML_DEPTH_MAX = 32,
	YAML_NODES_MAX = 50000,
	YAML_KEYS_MAX = 256,
};

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
	enum yaml_kind kind;
	int line, column;              /* from 1 */
	const char *text;              /* scalar: as written, quotes and escapes resolved; else NULL */
	bool quoted;                   /* scalar: in quotes or a block, so that it can only be text */
	const struct yaml_node *key;   /* a value in a mapping: its key; else NULL */
	const struct yaml_node *twin;  /* key: the same key earlier in this mapping; else NULL */
	const struct yaml_node *first; /* sequence: its items; mapping: its values; in file order */
	const struct yaml_node *next;  /* the next item or value beside this one */
	size_t count;                  /* of them */
};

struct yaml_document {
	const struct yaml_node *root; /* lives in the arena; NULL if the file has no value */
	int line, column;             /* after a failure: where */
};

/* Reads one document. False: ERROR_PLAN; ret says where, and has no root. */
bool yaml_read(const char *bytes, size_t len, struct arena *arena, struct yaml_document *ret,
	struct error *err) MUST_USE;

/* The value that stands first under key in a mapping; NULL if there is none or node is no mapping. */
const struct yaml_node *yaml_find(const struct yaml_node *node, const char *key);
#endif
