/*
 * reply.h: the XML that the Query protocols answer with.
 *
 * EC2 leaves out what is empty, so the writers of one value write nothing for NULL and "".
 */
#ifndef SANDBOX_API_REPLY_H
#define SANDBOX_API_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/api/request.h"
#include "sandbox/model/tags.h"

void reply_open(struct request *r, const char *element);
void reply_close(struct request *r, const char *element);
void reply_text(struct request *r, const char *element, const char *value);
void reply_int(struct request *r, const char *element, int64_t value);
void reply_bool(struct request *r, const char *element, bool value);

/* "2026-11-22T01:02:03.000Z"; nothing for 0. */
void reply_time(struct request *r, const char *element, int64_t wall_ms);

/* <element><name>value</name></element>: EC2's attributes and states. */
void reply_nested(struct request *r, const char *element, const char *name, const char *value);

/* <tagSet>; EC2 leaves it out when there are no tags, ... */
void reply_tags(struct request *r, const struct model_tags *t);

/*
 * ... but not in the replies of CreateVolume and CreateSnapshot (as in the examples of AWS's own service model,
 * ec2/2016-11-15/examples-1.json): goes there after what Describe shows.
 */
void reply_no_tags(struct request *r, const struct model_tags *t);

/* <element><item><groupId/><groupName/></item></element>: the one group there is. */
void reply_groups(struct request *r, const char *element);

/* <encrypted> and, if so, <kmsKeyId>; key NULL: the account's default key. */
void reply_key(struct request *r, bool encrypted, const char *key);

/* What calls without output answer: <return>true</return>. */
void reply_done(struct request *r);

/* Which of the two dialects of the Query protocol: how a reply and an error are wrapped. */
enum dialect { DIALECT_EC2, DIALECT_STS, DIALECT_COUNT };

/* A whole document around what the action wrote. */
void reply_wrap(
	enum dialect d, const char *action, const char *request_id, const char *inner, struct text *ret);

/* A whole error document; returns the HTTP status that goes with err->code. */
int reply_error(enum dialect d, const struct error *err, const char *request_id, struct text *ret);
#endif
