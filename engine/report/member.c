#include "report/member.h"

#include "base/clock.h"
#include "base/text.h"

void member_text(json_t *object, const char *key, const char *text)
{
	if (!text_is_empty(text))
		json_object_set_new(object, key, json_text(text));
}

void member_number(json_t *object, const char *key, int64_t number)
{
	json_object_set_new(object, key, json_integer(number));
}

void member_time(json_t *object, const char *key, int64_t wall_ms)
{
	char time[CLOCK_TEXT_SIZE];

	if (wall_ms)
		member_text(object, key, clock_format(wall_ms, time));
}
