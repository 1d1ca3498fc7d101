/* identity.c: STS: who is calling. */
#include "sandbox/api/actions.h"
#include "sandbox/model/places.h"

static bool get_caller_identity(struct request *r, struct error *err)
{
	(void)err;
	reply_text(r, "Arn", "arn:aws:iam::" MODEL_ACCOUNT ":user/sandbox");
	reply_text(r, "UserId", r->access_key);
	reply_text(r, "Account", MODEL_ACCOUNT);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "GetCallerIdentity",
		.summary = "account and user of the access key (STS)",
		.params = "",
		.dialect = DIALECT_STS,
		.throttle = THROTTLE_READ,
		.handle = get_caller_identity,
	},
};

const struct action_set actions_identity = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
