#include "sandbox/api/reply.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "sandbox/model/places.h"
#include "wire/xml.h"

static const char DECLARATION[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

static const char *const NAMESPACES[DIALECT_COUNT] = {
	[DIALECT_EC2] = "http://ec2.amazonaws.com/doc/2016-11-15/",
	[DIALECT_STS] = "https://sts.amazonaws.com/doc/2011-06-15/",
};

/* Statuses other than 400, as seen in public reports of these errors. */
static const struct {
	const char *code;
	int status;
} STATUSES[] = {
	{ "AuthFailure", 401 },
	{ "SignatureDoesNotMatch", 403 },
	{ "InvalidClientTokenId", 403 },
	{ "MissingAuthenticationToken", 403 },
	{ "UnauthorizedOperation", 403 },
	{ "DryRunOperation", 412 },
	{ "InternalError", 500 },
	{ "InsufficientInstanceCapacity", 500 },
	{ "RequestLimitExceeded", 503 },
};

void reply_open(struct request *r, const char *element)
{
	text_addf(r->reply, "<%s>", element);
}

void reply_close(struct request *r, const char *element)
{
	text_addf(r->reply, "</%s>", element);
}

void reply_text(struct request *r, const char *element, const char *value)
{
	if (value && *value)
		xml_add(r->reply, element, value);
}

void reply_int(struct request *r, const char *element, int64_t value)
{
	text_addf(r->reply, "<%s>%" PRId64 "</%s>", element, value, element);
}

void reply_bool(struct request *r, const char *element, bool value)
{
	text_addf(r->reply, "<%s>%s</%s>", element, value ? "true" : "false", element);
}

void reply_time(struct request *r, const char *element, int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (wall_ms)
		reply_text(
			r, element, clock_format(wall_ms / 1000 * 1000, text)); /* EC2 shows whole seconds */
}

void reply_nested(struct request *r, const char *element, const char *name, const char *value)
{
	reply_open(r, element);
	reply_text(r, name, value);
	reply_close(r, element);
}

void reply_tags(struct request *r, const struct model_tags *t)
{
	if (!t->count)
		return;
	reply_open(r, "tagSet");
	for (size_t i = 0; i < t->count; i++) {
		reply_open(r, "item");
		reply_text(r, "key", t->list[i].key);
		xml_add(r->reply, "value", t->list[i].value); /* an empty value is shown */
		reply_close(r, "item");
	}
	reply_close(r, "tagSet");
}

void reply_no_tags(struct request *r, const struct model_tags *t)
{
	if (t->count)
		return;
	reply_open(r, "tagSet");
	reply_close(r, "tagSet");
}

void reply_groups(struct request *r, const char *element)
{
	reply_open(r, element);
	reply_open(r, "item");
	reply_text(r, "groupId", MODEL_GROUP);
	reply_text(r, "groupName", MODEL_GROUP_NAME);
	reply_close(r, "item");
	reply_close(r, element);
}

void reply_key(struct request *r, bool encrypted, const char *key)
{
	reply_bool(r, "encrypted", encrypted);
	if (encrypted && key)
		reply_text(r, "kmsKeyId", key);
	else if (encrypted)
		reply_text(r, "kmsKeyId",
			arena_printf(r->arena, "arn:aws:kms:%s:%s:alias/aws/ebs", model_region(r->model),
				MODEL_ACCOUNT));
}

void reply_done(struct request *r)
{
	reply_bool(r, "return", true);
}

void reply_wrap(
	enum dialect d, const char *action, const char *request_id, const char *inner, struct text *ret)
{
	text_add(ret, DECLARATION);
	text_addf(ret, "<%sResponse xmlns=\"%s\">", action, NAMESPACES[d]);
	if (d == DIALECT_EC2)
		text_addf(ret, "<requestId>%s</requestId>%s", request_id, inner);
	else
		text_addf(ret,
			"<%sResult>%s</%sResult><ResponseMetadata><RequestId>%s</RequestId></"
			"ResponseMetadata>",
			action, inner, action, request_id);
	text_addf(ret, "</%sResponse>\n", action);
}

static int status_of(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(STATUSES); i++)
		if (!strcmp(STATUSES[i].code, code))
			return STATUSES[i].status;
	return 400;
}

int reply_error(enum dialect d, const struct error *err, const char *request_id, struct text *ret)
{
	const char *code = err->code ? err->code : "InternalError";

	text_add(ret, DECLARATION);
	text_add(ret,
		d == DIALECT_EC2 ? "<Response><Errors><Error>" : "<ErrorResponse><Error><Type>Sender</Type>");
	xml_add(ret, "Code", code);
	xml_add(ret, "Message", err->message);
	if (d == DIALECT_EC2)
		text_addf(ret, "</Error></Errors><RequestID>%s</RequestID></Response>\n", request_id);
	else
		text_addf(ret, "</Error><RequestId>%s</RequestId></ErrorResponse>\n", request_id);
	return status_of(code);
}
