/*
 * memory.h: what questions were answered, so that an answer can be given once more when it is no
 * longer true. Keeps the newest answer to each of the last questions.
 */
#ifndef SANDBOX_API_MEMORY_H
#define SANDBOX_API_MEMORY_H

#include <stdint.h>

struct memory;

struct memory *memory_new(void);
void memory_free(struct memory *m);

/* question: request_fingerprint(). The answer is copied. */
void memory_keep(struct memory *m, uint64_t question, const char *answer);

/* NULL if it was never answered, or too long ago. Borrowed until the next memory_keep(). */
const char *memory_find(const struct memory *m, uint64_t question);
#endif
