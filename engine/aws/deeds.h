/*
 * deeds.h: which EC2 action carries out which effect: how the request is written, which refusals
 * mean that it is so already, and what the reply shows.
 */
#ifndef AWS_DEEDS_H
#define AWS_DEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/actions.h"
#include "base/error.h"
#include "base/text.h"
#include "cloud/effect.h"
#include "cloud/provider.h"
#include "wire/xml.h"

struct deed {
	enum action_id action;
	void (*write)(const struct effect *e, struct text *form);
	/* Fills *ret from the reply; NULL: the reply shows too little. */
	void (*read)(const struct effect *e, const struct xml_element *root, int64_t asked_ms,
		struct sighting *ret);
	/* A refusal with this code, and this word in its message unless NULL, means: done before. */
	const char *done_code, *done_word;
};

/* The row of the effect; NULL if a guest carries it out, or nobody. */
const struct deed *deed_find(enum effect_kind kind);

/* True if the refusal says that the effect is in place already. */
bool deed_was_done(const struct deed *d, const struct error *err);
#endif
