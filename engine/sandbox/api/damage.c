#include "sandbox/api/damage.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

const struct fault damage_none = { .kind = FAULT_NONE };

/* The code that EC2 has for an id that it does not know. */
static const struct {
	const char *prefix, *code;
} NOT_FOUND[] = {
	{ "i-", "InvalidInstanceID.NotFound" },
	{ "vol-", "InvalidVolume.NotFound" },
	{ "snap-", "InvalidSnapshot.NotFound" },
	{ "ami-", "InvalidAMIID.NotFound" },
	{ "eipalloc-", "InvalidAllocationID.NotFound" },
	{ "eipassoc-", "InvalidAssociationID.NotFound" },
	{ "eni-", "InvalidNetworkInterfaceID.NotFound" },
	{ "sg-", "InvalidGroup.NotFound" },
	{ "subnet-", "InvalidSubnetID.NotFound" },
};

/* Letters, a dash and hexadecimal digits, as all of EC2's ids. */
static bool is_id(const char *value)
{
	size_t letters = 0;

	while (islower((unsigned char)value[letters]))
		letters++;
	return letters && value[letters] == '-' && value[letters + 1] &&
	       strspn(value + letters + 1, "0123456789abcdef") == strlen(value + letters + 1);
}

/* Adds what the filters name, or what everything else does. */
static size_t add_names(const struct request *r, bool filters, const char **names, size_t count)
{
	for (size_t i = 0; i < r->form.count; i++) {
		const struct form_pair *p = &r->form.pairs[i];

		if (text_starts_with(p->name, "Filter.") == filters && is_id(p->value))
			names[count++] = p->value;
	}
	return count;
}

struct fault_question damage_question(const struct request *r)
{
	const char *dry_run = request_text(r, "DryRun");
	const char **names = arena_array(r->arena, r->form.count, sizeof(*names));
	size_t direct = add_names(r, false, names, 0);

	return (struct fault_question){
		.point = dry_run && !strcasecmp(dry_run, "true") ? FAULT_AT_NOTHING : FAULT_AT_CALL,
		.call = request_text(r, "Action"),
		.names = names,
		.name_count = add_names(r, true, names, direct),
		.named = direct,
		.now_ms = model_now(r->model),
	};
}

const struct fault *damage_find(const struct request *r, const struct fault_question *q)
{
	const struct fault *f = faults_due(model_faults(r->model), q);

	return f ? f : &damage_none;
}

static bool refuse_as_missing(const struct fault_question *q, struct error *err)
{
	const char *id = q->names[0];

	for (size_t i = 0; i < ARRAY_SIZE(NOT_FOUND); i++)
		if (text_starts_with(id, NOT_FOUND[i].prefix))
			return model_refuse(err, NOT_FOUND[i].code, "The ID '%s' does not exist", id);
	return model_refuse(err, "InvalidParameterValue", "The ID '%s' does not exist", id);
}

bool damage_refuse(const struct fault *f, const struct fault_question *q, struct error *err)
{
	if (f->kind == FAULT_NOT_FOUND)
		return refuse_as_missing(q, err);
	return model_refuse(err, *f->code ? f->code : "InternalError", "The sandbox plays fault %u, %s.",
		f->number, fault_kind_row(f->kind)->name);
}

static void leave_whole(const struct fault *f, struct api_reply *reply)
{
	(void)f, (void)reply;
}

static void set_status(const struct fault *f, struct api_reply *reply)
{
	if (f->status)
		reply->status = (int)f->status;
}

static void reset(const struct fault *f, struct api_reply *reply)
{
	(void)f;
	reply->reset = true;
}

static void be_silent(const struct fault *f, struct api_reply *reply)
{
	reply->reset = true;
	reply->delay_ms = f->for_ms;
}

static void cut(struct text *t, size_t len)
{
	t->len = len;
	t->bytes[len] = '\0';
}

static void truncate_body(const struct fault *f, struct api_reply *reply)
{
	(void)f;
	cut(&reply->body, reply->body.len / 2);
}

/* What a gateway says that has lost its way: with the status of a success. */
static void break_xml(const struct fault *f, struct api_reply *reply)
{
	(void)f;
	cut(&reply->body, reply->body.len / 2);
	text_add(&reply->body, "<<html>&nbsp;\x01</hmtl");
}

static void pad(const struct fault *f, struct api_reply *reply)
{
	reply->padding = f->bytes;
}

static void (*const DAMAGES[FAULT_REPLY_COUNT])(const struct fault *f, struct api_reply *reply) = {
	[FAULT_REPLY_WHOLE] = leave_whole,
	[FAULT_REPLY_REFUSAL] = set_status,
	[FAULT_REPLY_RESET] = reset,
	[FAULT_REPLY_SILENCE] = be_silent,
	[FAULT_REPLY_TRUNCATED] = truncate_body,
	[FAULT_REPLY_MALFORMED] = break_xml,
	[FAULT_REPLY_HUGE] = pad,
	[FAULT_REPLY_OLD] = leave_whole,     /* api.c has put the old answer into it */
	[FAULT_REPLY_SHORTER] = leave_whole, /* describe.c has left it out */
};

void damage_reply(const struct fault *f, struct api_reply *reply)
{
	DAMAGES[fault_kind_row(f->kind)->reply](f, reply);
}
