/*
 * protocol.h: what the protocols of lock services have in common: a request is built from a lock, and what is
 * answered is judged. Pure. A protocol is a row, in a file of its own.
 */
#ifndef LOCK_PROTOCOL_H
#define LOCK_PROTOCOL_H

#include <stddef.h>

#include "base/text.h"
#include "cloud/locks.h"
#include "net/http.h"
#include "wire/json.h"

enum lock_action { LOCK_TAKE, LOCK_GIVE_BACK };

enum { LOCK_HEADERS_MAX = 2, LOCK_REQUEST_MAX = 8 * 1024, LOCK_REPLY_MAX = 64 * 1024 };

struct lock_request {
	const char *method;
	struct text url, body;
	struct http_header headers[LOCK_HEADERS_MAX];
	size_t header_count;
};

#define auto_lock_request CLEANUP(lock_request_release) struct lock_request
void lock_request_release(struct lock_request *r);

enum lock_answer {
	LOCK_YES,     /* it is ours, or ours no more */
	LOCK_NO,      /* for now: somebody else has it */
	LOCK_TROUBLE, /* the service is not as it should be; it may be later */
	LOCK_NEVER,   /* asking again would be answered alike: somebody has to change something */
};

enum { LOCK_REASON_SIZE = 256 };

struct lock_verdict {
	enum lock_answer answer;
	char reason[LOCK_REASON_SIZE]; /* "held by web3.example.com"; "" for LOCK_YES */
};

struct lock_reply {
	int status;
	const char *body; /* NUL-terminated */
	size_t body_len;
};

struct lock_protocol_row {
	/* Fills in a request whose texts are initialised and empty. */
	void (*ask)(const struct lock_want *w, enum lock_action action, struct lock_request *ret);
	struct lock_verdict (*judge)(enum lock_action action, const struct lock_reply *reply);
};

extern const struct lock_protocol_row lock_fdlm, lock_fleetlock;

const struct lock_protocol_row *lock_protocol(enum lock_protocol p);

/* ---- for the rows ---- */

/* Adds the service's URL without the slashes at its end, and path behind it. */
void lock_add_url(struct text *ret, const struct lock_want *w, const char *path);

struct lock_verdict lock_yes(void);

/* A verdict with a reason as printf makes it; what does not fit, and is not printable, is left out. */
struct lock_verdict lock_verdict(enum lock_answer answer, const char *fmt, ...) PRINTF(2, 3);

/* A member of the answer's object; "" if it is missing or no text. o NULL: the answer is no JSON. */
const char *lock_text_at(const json_t *o, const char *key);

/* What a status means that the protocol does not speak of: the client's mistake (4xx), or trouble. */
struct lock_verdict lock_judge_status(int status, const char *message);
#endif
