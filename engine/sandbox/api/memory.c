#include "sandbox/api/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { QUESTIONS_MAX = 256 };

struct answer {
	uint64_t question;
	char *text; /* owned; NULL: an empty place */
};

struct memory {
	struct answer answers[QUESTIONS_MAX];
	size_t oldest; /* the place that is used next */
};

struct memory *memory_new(void)
{
	return alloc_zeroed(1, sizeof(struct memory));
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		free(m->answers[i].text);
	free(m);
}

static size_t place_of(const struct memory *m, uint64_t question)
{
	size_t i = 0;

	while (i < QUESTIONS_MAX && (!m->answers[i].text || m->answers[i].question != question))
		i++;
	return i;
}

void memory_keep(struct memory *m, uint64_t question, const char *answer)
{
	size_t i = place_of(m, question);

	if (i == QUESTIONS_MAX) {
		i = m->oldest;
		m->oldest = (m->oldest + 1) % QUESTIONS_MAX;
	}
	free(m->answers[i].text);
	m->answers[i] = (struct answer){ .question = question, .text = alloc_text(answer) };
}

const char *memory_find(const struct memory *m, uint64_t question)
{
	size_t i = place_of(m, question);

	return i < QUESTIONS_MAX ? m->answers[i].text : NULL;
}
