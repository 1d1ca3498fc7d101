/* member.h: members of JSON objects, in the one way in which all our documents have them. */
#ifndef REPORT_MEMBER_H
#define REPORT_MEMBER_H

#include <stdint.h>

#include "wire/json.h"

/* A text; the member is left out if it is NULL or "". */
void member_text(json_t *object, const char *key, const char *text);

void member_number(json_t *object, const char *key, int64_t number);

/* Wall-clock milliseconds as RFC 3339; left out if 0. */
void member_time(json_t *object, const char *key, int64_t wall_ms);
#endif
