#include "aws/moment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t from_parts(struct tm *t)
{
	t->tm_year -= 1900;
	return (int64_t)timegm(t) * 1000;
}

int64_t moment_of_timestamp(const char *s)
{
	struct tm t = { .tm_year = 0 };

	if (sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min,
		    &t.tm_sec) != 6)
		return 0;
	t.tm_mon--;
	return from_parts(&t);
}

int64_t moment_of_http_date(const char *s)
{
	static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t = { .tm_year = 0 };
	char month[4] = "";
	const char *at;

	if (sscanf(s, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &t.tm_mday, month, &t.tm_year, &t.tm_hour,
		    &t.tm_min, &t.tm_sec) != 6)
		return 0;
	at = strstr(MONTHS, month);
	if (!at || strlen(month) != 3 || (at - MONTHS) % 3)
		return 0;
	t.tm_mon = (int)(at - MONTHS) / 3;
	return from_parts(&t);
}
