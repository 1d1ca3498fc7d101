#include "cloud/console.h"

#include <ctype.h>
#include <string.h>

static const char BEGIN[] = "-----BEGIN SSH HOST KEY KEYS-----";
static const char END[] = "-----END SSH HOST KEY KEYS-----";

static const char *find(const char *from, const char *end, const char *marker)
{
	return from < end ? memmem(from, (size_t)(end - from), marker, strlen(marker)) : NULL;
}

static bool is_base64(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

/* Of a name like "ecdsa-sha2-nistp256" or "ssh-ed25519-cert-v01@openssh.com". */
static bool is_type(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '@' || c == '.';
}

/* How much of the line is "type base64"; 0 if it is something else. */
static size_t key_len(const char *line, size_t len)
{
	size_t type = 0, end;

	while (type < len && is_type(line[type]))
		type++;
	if (type == len || line[type] != ' ')
		return 0;
	if (strncmp(line, "ssh-", 4) != 0 && strncmp(line, "ecdsa-sha2-", 11) != 0)
		return 0;
	end = type + 1;
	while (end < len && is_base64(line[end]))
		end++;
	return end > type + 1 ? end : 0;
}

static void copy_keys(const char *from, const char *to, char *ret, size_t size)
{
	size_t used = 0;

	while (from < to) {
		const char *newline = memchr(from, '\n', (size_t)(to - from));
		const char *end = newline ? newline : to;
		size_t len = key_len(from, (size_t)(end - from));

		if (len && used + len + 2 <= size) {
			memcpy(ret + used, from, len);
			used += len;
			ret[used++] = '\n';
		}
		from = end + 1;
	}
	ret[used] = '\0';
}

bool console_host_keys(const char *console, size_t len, char *ret, size_t size)
{
	const char *end = console + len, *at = console, *begin, *close;

	ret[0] = '\0';
	while ((begin = find(at, end, BEGIN)) && (close = find(begin, end, END))) {
		copy_keys(begin + strlen(BEGIN), close, ret, size);
		at = close;
	}
	return ret[0] != '\0';
}
