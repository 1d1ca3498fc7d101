/*
 * keys.h: every key that a plan file may have, one row each.
 *
 * The rows are all there is: reading, defaults, diagnostics, the JSON Schema and the reference are
 * generated from them. A key's path is its names joined by dots; [] stands for every item of a
 * list: data[].mount. The plan as a whole is the row with the path "".
 */
#ifndef PLAN_KEYS_H
#define PLAN_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "plan/shape.h"

enum key_type {
	KEY_SECTION, /* a mapping; the rows below it say of what */
	KEY_LIST,    /* its items are described by the row PATH[]; min, max: how many */
	KEY_PAIRS,   /* a mapping of names that the operator chooses to texts; min, max: how many */
	KEY_TEXT,    /* of a shape */
	KEY_NUMBER,  /* whole; min, max */
	KEY_BOOL,    /* words: true, false */
	KEY_WORD,    /* one of words */
	KEY_TIME,    /* a length: 500ms, 90s, 5m, 24h, 7d, 0; min, max in milliseconds */
	KEY_SHARE,   /* how many: a whole number, or a percentage like 10%; min */
};

struct key_word {
	const char *word;        /* NULL ends the list */
	int value;               /* what is kept in the plan */
	const char *unsupported; /* as in struct key */
};

/* Where in struct plan, or in the struct of a list's item, the value goes. width 0: it is not kept. */
struct key_place {
	size_t at, width;
	size_t count_at;  /* lists and pairs: the counter */
	size_t item_size; /* likewise; 0: no list but one item in place */
	size_t word_at;   /* KEY_LIST with words: the bool that says that the word stood there */
};

struct key {
	const char *path;
	enum key_type type;
	const char *help;        /* one sentence without a full stop */
	const char *required;    /* why it cannot be left out; NULL: it can */
	const char *standard;    /* the value if it is left out, as a plan would say it; NULL: none */
	const char *unsupported; /* this version does not carry it out: what to do instead; NULL: it does */
	const struct key_word *words; /* KEY_WORD, KEY_BOOL; KEY_LIST: may stand instead of the list */
	enum shape shape;             /* KEY_TEXT */
	int64_t min, max;             /* max 0: no limit */
	int chosen;                   /* a choice: what is kept at its section's place when it is taken */
	bool choice;                  /* of its section's choices exactly one is given */
	bool unique;                  /* KEY_LIST: no item twice; below a list: no two items have the same */
	struct key_place place;
};

/* The whole table, in the order of the reference. */
const struct key *keys_all(size_t *ret_count);

/* The row of the plan as a whole. */
const struct key *keys_root(void);

/* The rows directly below a section, one after another: NULL gives the first; NULL after the last. */
const struct key *keys_next(const struct key *section, const struct key *after);

/* The row of a section's key by its name; NULL if there is none. */
const struct key *keys_child(const struct key *section, const char *name);

/* The row of a list's items. */
const struct key *keys_item(const struct key *list);

/* The last name of its path: "mount" of data[].mount. */
const char *key_name(const struct key *k);

/* Finds holes that compilers do not: a row without parent, help, words or items; twins. */
bool keys_check(struct error *err) MUST_USE;
#endif
