/* moment.h: points in time as AWS writes them, read as wall-clock milliseconds since 1970. */
#ifndef AWS_MOMENT_H
#define AWS_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-22T01:02:03.000Z", as in replies; 0 if it is something else. */
int64_t moment_of_timestamp(const char *s);

/* "Sun, 22 Nov 2026 01:02:03 GMT", as in the Date header (RFC 9110, 5.6.7); 0 if it is something else. */
int64_t moment_of_http_date(const char *s);
#endif
