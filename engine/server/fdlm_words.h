/* fdlm_words.h: locks, events and errors as Foreman's API words them. */
#ifndef SERVER_FDLM_WORDS_H
#define SERVER_FDLM_WORDS_H

#include "server/request.h"

/*
 * The lock as JSON, for the one who asks (NULL: an administrator). Of several holders it names the one who
 * asks, else the one that has it the longest: Foreman knows one.
 */
json_t *fdlm_lock_json(const struct lock *l, const char *who) MUST_USE;

/* An event as JSON; NULL for one that Foreman does not know. */
json_t *fdlm_event_json(const struct holding_event *e) MUST_USE;

/* Answers {"error": {"id", "message"}}; id 0 is left out. Always returns false. */
bool fdlm_refuse(struct request *r, int status, int64_t id, const char *message);

/* The store failed: 503. */
void fdlm_failed(struct request *r, const char *text);
#endif
