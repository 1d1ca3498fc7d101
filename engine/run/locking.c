#include "run/locking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/text.h"

enum { NOTE_SIZE = 768 };

struct entry {
	enum locking_state state;
	const char *instance;
	struct error trouble;
};

struct locking {
	const struct plan *plan;
	void (*note)(void *self, const char *text);
	void *note_self;
	void (*changed)(void *self);
	void *changed_self;
	struct locks provider;
	struct arena arena;
	struct entry *entries;
	size_t count;
	size_t giving_back; /* machines */
};

/* ---- what is asked for ---- */

static const char *expand(struct locking *l, const char *pattern, const struct lock_machine *m)
{
	auto_text name = { 0 };

	if (!pattern)
		return NULL;
	text_init(&name, LOCK_NAME_MAX);
	lock_name_expand(pattern, m, &name);
	return arena_copy(&l->arena, name.bytes);
}

static struct lock_want want(struct locking *l, const struct plan_lock *p, const struct lock_machine *m)
{
	static const enum lock_protocol PROTOCOLS[] = {
		[PLAN_LOCK_FDLM] = LOCK_FDLM, [PLAN_LOCK_FLEETLOCK] = LOCK_FLEETLOCK
	};

	return (struct lock_want){
		.protocol = PROTOCOLS[p->kind],
		.url = p->url,
		.name = expand(l, p->name, m),
		.id = expand(l, p->id, m),
		.ca = p->ca,
		.certificate = p->certificate,
		.key = p->key,
		.wait_ms = p->wait_ms,
	};
}

void locking_ask(struct locking *l, uint32_t machine, const struct lock_machine *m)
{
	size_t count = l->plan->rollout.lock_count;
	struct lock_want wants[PLAN_LOCKS_MAX];
	struct entry *e = &l->entries[machine];

	if (!l->provider.ask || !count)
		return;
	for (size_t i = 0; i < count; i++)
		wants[i] = want(l, &l->plan->rollout.locks[i], m);
	error_release(&e->trouble);
	*e = (struct entry){ .state = LOCKING_WAITS, .instance = arena_copy(&l->arena, m->instance) };
	l->provider.ask(l->provider.self, machine, wants, count);
}

/* ---- what is answered ---- */

static void on_taken(void *self, uint32_t machine, const struct error *err)
{
	struct locking *l = self;
	struct entry *e = &l->entries[machine];

	e->state = err->kind ? LOCKING_GIVEN_UP : LOCKING_TAKEN;
	if (err->kind)
		error_copy(&e->trouble, err);
	l->changed(l->changed_self);
}

static void on_waits(void *self, uint32_t machine, const char *text)
{
	struct locking *l = self;
	char note[NOTE_SIZE];

	snprintf(note, sizeof(note), "%s %s", l->entries[machine].instance, text);
	l->note(l->note_self, note);
}

static void on_given_back(void *self, uint32_t machine, const struct error *err)
{
	struct locking *l = self;
	char note[NOTE_SIZE];

	if (err->kind) {
		snprintf(note, sizeof(note), "%s: %s; it stays held until somebody releases it there",
			l->entries[machine].instance, err->message);
		l->note(l->note_self, note);
	}
	if (!--l->giving_back)
		l->changed(l->changed_self);
}

struct lock_sink locking_sink(struct locking *l)
{
	return (struct lock_sink){
		.self = l, .taken = on_taken, .waits = on_waits, .given_back = on_given_back
	};
}

/* ---- what becomes of them ---- */

static void tell_kept(struct locking *l, const struct entry *e)
{
	char note[NOTE_SIZE];

	snprintf(note, sizeof(note), "%s keeps its locks: its rebuild has not come to a good end",
		e->instance);
	l->note(l->note_self, note);
}

void locking_end(struct locking *l, uint32_t machine, bool keep)
{
	struct entry *e = &l->entries[machine];

	if (e->state == LOCKING_NONE)
		return;
	if (keep) {
		tell_kept(l, e);
		l->provider.keep(l->provider.self, machine);
	} else {
		l->giving_back++;
		l->provider.give_back(l->provider.self, machine);
	}
	e->state = LOCKING_NONE;
}

enum locking_state locking_state(const struct locking *l, uint32_t machine)
{
	return l->entries[machine].state;
}

const struct error *locking_trouble(const struct locking *l, uint32_t machine)
{
	return &l->entries[machine].trouble;
}

bool locking_is_busy(const struct locking *l)
{
	return l->giving_back;
}

struct locking *locking_new(const struct plan *plan, void (*note)(void *self, const char *text), void *self)
{
	struct locking *l = alloc_zeroed(1, sizeof(*l));

	*l = (struct locking){ .plan = plan, .note = note, .note_self = self };
	return l;
}

void locking_on_change(struct locking *l, void (*changed)(void *self), void *self)
{
	l->changed = changed;
	l->changed_self = self;
}

void locking_set_provider(struct locking *l, struct locks provider)
{
	l->provider = provider;
}

void locking_prepare(struct locking *l, size_t machines)
{
	l->entries = arena_array(&l->arena, machines, sizeof(*l->entries));
	l->count = machines;
}

void locking_free(struct locking *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		error_release(&l->entries[i].trouble);
	arena_release(&l->arena);
	free(l);
}
