/* id.h: names for things we make. The randomness comes in from the caller. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stddef.h>
#include <stdint.h>

struct entropy {
	void (*fill)(void *self, void *bytes, size_t len);
	void *self;
};

/* The kernel's. */
extern const struct entropy entropy_system;

enum { ID_RANDOM_CHARS = 10 };

/*
 * Writes prefix and ID_RANDOM_CHARS random letters and digits into ret: lower case, none that are
 * mistaken for each other (Crockford's base32), 50 bits. size must hold both and the NUL.
 */
void id_random(char *ret, size_t size, const char *prefix, const struct entropy *entropy);

/* Writes len * 2 random hexadecimal digits and a NUL into ret[len * 2 + 1]. */
void id_random_hex(char *ret, size_t len, const struct entropy *entropy);
#endif
