/* fdlm_words.h: locks, events and errors as Foreman's API words them. */
#ifndef SERVER_FDLM_WORDS_H
#define SERVER_FDLM_WORDS_H

#include "server/request.h"

/*
 * The lock as JSON, with one holder (NULL: free), because Foreman knows one. With asker not NULL it says
 * whether that is the one who asks.
 */
json_t *fdlm_lock_json(const struct lock *l, const struct lock_holder *h, const char *asker) MUST_USE;

/* Who stands in the way of the one who asks: itself if it holds the lock; NULL if there is a slot for it. */
const struct lock_holder *fdlm_holder_for(const struct lock *l, const char *asker);

/* An event as JSON; NULL for one that Foreman does not know. */
json_t *fdlm_event_json(const struct holding_event *e) MUST_USE;

/* Answers {"error": {"id", "message"}}; id 0 is left out. Always returns false. */
bool fdlm_refuse(struct request *r, int status, int64_t id, const char *message);

/* Fills in the question: about the lock in the path, by name or id. */
void fdlm_ask(struct request *r, enum lock_act act, const char *who, const char *via);

/* Refuses with what has the same words for machines and administrators; other verdicts are bugs. */
void fdlm_refuse_verdict(struct request *r, enum lock_verdict verdict);

/* The store failed: 503. */
void fdlm_failed(struct request *r, const char *text);
#endif
