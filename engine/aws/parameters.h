/*
 * parameters.h: writes the body of an EC2 request: Action=...&Version=2016-11-15&Name.1.Part=value.
 * EC2 counts lists from 1 and takes what is left out as absent, so an absent value is not written.
 */
#ifndef AWS_PARAMETERS_H
#define AWS_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/actions.h"
#include "base/compiler.h"
#include "base/text.h"
#include "cloud/blueprint.h"

/* RunInstances with the largest user data (16 KiB, in base64, encoded) is about 40 KiB. */
enum { PARAMETERS_MAX = 128 * 1024 };

/* Initialises form and writes Action and Version. */
void parameters_begin(struct text *form, const struct action *action);

/* Each writes NAME=value, the name by format; nothing if value is NULL, "" or 0. */
void parameters_add(struct text *form, const char *value, const char *name, ...) PRINTF(3, 4);
void parameters_add_number(struct text *form, int value, const char *name, ...) PRINTF(3, 4);

/* Writes true or false: for a parameter whose absence means something else. */
void parameters_add_bool(struct text *form, bool value, const char *name, ...) PRINTF(3, 4);

/* Writes Filter.N.Name=name, and one value unless it is NULL; more by parameters_add_filter_value. */
void parameters_add_filter(struct text *form, size_t number, const char *name, const char *value);
void parameters_add_filter_value(struct text *form, size_t number, size_t value_number, const char *value);

/* Writes a filter for things that carry the tag, its value taken as it is written. */
void parameters_add_tag_filter(struct text *form, size_t number, const struct tag *tag);

/* Writes PREFIX.N.Key and PREFIX.N.Value; a tag's value may be empty. */
void parameters_add_tag(struct text *form, const char *prefix, size_t number, const struct tag *tag);
#endif
