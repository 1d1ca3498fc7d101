/*
 * set.h: the locks of one machine, on their way: taken one after another, then given back from the last to the
 * first. Which locks are shared by several machines is seen by all sets of a keeper together.
 */
#ifndef LOCK_SET_H
#define LOCK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "cloud/locks.h"
#include "lock/protocol.h"
#include "net/http.h"

struct keeper;

struct set {
	struct set *next;
	uint32_t subject;
	struct arena arena; /* the wants */
	struct lock_want *wants;
	size_t count;
	size_t at;                   /* the one that is asked about; those before it are ours */
	bool maybe;                  /* ... and this one may be: a request for it was not answered */
	bool resting;                /* no more is asked for: all is taken, or given up, or kept */
	bool leaving;                /* they are given back, or will be once the last request is answered */
	bool done;                   /* ... all of them */
	int64_t since_ms;            /* on the loop's clock: when the one at `at` was first asked about */
	unsigned asked;              /* how often */
	char told[LOCK_REASON_SIZE]; /* why it was not to be had, as last told */
	struct error trouble;        /* what could not be given back: the first of them */
	const char *hint;            /* what can be done about the last trouble; static, or NULL */
	struct http_call *call;      /* under way, or NULL */
	enum lock_action action;     /* what it is to do */
	uv_timer_t timer;            /* until it is asked again */
	struct keeper *keeper;
};

/* Copies the wants; home stands for ~/ in the names of their files. */
struct set *set_new(uint32_t subject, const struct lock_want *wants, size_t count, const char *home);

/* After its timer is closed. */
void set_free(struct set *s);

/* "lock web on https://foreman.example.com" */
char *set_name(const struct set *s, char ret[LOCK_REASON_SIZE]);

/* Another set has the lock that s asks about, or may have it: if it is leaving, it will give it back. */
bool set_is_shared(const struct set *all, const struct set *s);

/* Another set gives back the lock that s asks about, or will: whoever takes it meanwhile might lose it again. */
bool set_is_being_given_back(const struct set *all, const struct set *s);
#endif
