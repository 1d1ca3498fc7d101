#include "lock/set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

static const char *copy_path(struct arena *a, const char *path, const char *home)
{
	auto_free char *expanded = path ? file_expand_home(path, home) : NULL;

	return arena_copy(a, expanded);
}

static struct lock_want copy(struct arena *a, const struct lock_want *w, const char *home)
{
	return (struct lock_want){
		.protocol = w->protocol,
		.url = arena_copy(a, w->url),
		.name = arena_copy(a, w->name),
		.id = arena_copy(a, w->id),
		.ca = copy_path(a, w->ca, home),
		.certificate = copy_path(a, w->certificate, home),
		.key = copy_path(a, w->key, home),
		.wait_ms = w->wait_ms,
	};
}

struct set *set_new(uint32_t subject, const struct lock_want *wants, size_t count, const char *home)
{
	struct set *s = alloc_zeroed(1, sizeof(*s));

	s->subject = subject;
	s->count = count;
	s->wants = arena_array(&s->arena, count, sizeof(*s->wants));
	for (size_t i = 0; i < count; i++)
		s->wants[i] = copy(&s->arena, &wants[i], home);
	return s;
}

void set_free(struct set *s)
{
	error_release(&s->trouble);
	arena_release(&s->arena);
	free(s);
}

char *set_name(const struct set *s, char ret[LOCK_REASON_SIZE])
{
	const struct lock_want *w = &s->wants[s->at];

	snprintf(ret, LOCK_REASON_SIZE, "lock %.100s on %.100s", w->name, w->url);
	return ret;
}

static bool texts_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The service sees one holder of one lock. */
static bool is_same(const struct lock_want *a, const struct lock_want *b)
{
	return a->protocol == b->protocol && !strcmp(a->url, b->url) && !strcmp(a->name, b->name) &&
	       texts_equal(a->id, b->id) && texts_equal(a->certificate, b->certificate);
}

/* The lock that s asks about is one of the other's, or may be. */
static bool has(const struct set *other, const struct set *s)
{
	bool last_too = (other->leaving && !other->done) || other->call || other->maybe;
	size_t end = other->at + (last_too && other->at < other->count);

	for (size_t i = 0; i < end; i++)
		if (is_same(&other->wants[i], &s->wants[s->at]))
			return true;
	return false;
}

bool set_is_shared(const struct set *all, const struct set *s)
{
	for (const struct set *other = all; other; other = other->next)
		if (other != s && has(other, s))
			return true;
	return false;
}

bool set_is_being_given_back(const struct set *all, const struct set *s)
{
	for (const struct set *other = all; other; other = other->next)
		if (other != s && other->leaving && has(other, s))
			return true;
	return false;
}
