#include "plan/shape.h"

#include <stdlib.h>

struct row {
	const char *expected, *pattern;
};

/* EC2's ids have 8 or 17 hexadecimal digits; stand-ins for it are not always that exact. */
static const struct row ROWS[] = {
	[SHAPE_ANY] = { "text", NULL },
	[SHAPE_NAME] = { "a name of lower-case letters, digits and dashes, at most 40",
		"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$" },
	[SHAPE_REGION] = { "a region like eu-west-1", "^[a-z]+(-[a-z]+)*-[0-9]+$" },
	[SHAPE_INSTANCE] = { "an instance id like i-0123456789abcdef0", "^i-[0-9a-f]{4,17}$" },
	[SHAPE_IMAGE] = { "an image id like ami-0123456789abcdef0", "^ami-[0-9a-f]{4,17}$" },
	[SHAPE_VOLUME] = { "a volume id like vol-0123456789abcdef0", "^vol-[0-9a-f]{4,17}$" },
	[SHAPE_ALLOCATION] = { "an allocation id like eipalloc-0123456789abcdef0",
		"^eipalloc-[0-9a-f]{4,17}$" },
	[SHAPE_ROLE] = { "a role's ARN like arn:aws:iam::123456789012:role/name",
		"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+$" },
	[SHAPE_TARGET_GROUP] = { "a target group's ARN like arn:aws:elasticloadbalancing:...",
		"^arn:aws[a-z-]*:elasticloadbalancing:[!-~]+$" },
	[SHAPE_OWNER] = { "`self`, `amazon`, `aws-marketplace` or an account of 12 digits",
		"^(self|amazon|aws-marketplace|[0-9]{12})$" },
	[SHAPE_PARAMETER] = { "a parameter's name like /aws/service/...", "^[A-Za-z0-9_./-]+$" },
	[SHAPE_INSTANCE_TYPE] = { "an instance type like t4g.large", "^[a-z0-9-]+\\.[a-z0-9-]+$" },
	[SHAPE_USER] = { "a user's name of lower-case letters, digits, - and _, at most 32",
		"^[a-z_][a-z0-9_-]{0,31}$" },
	[SHAPE_DEVICE] = { "a device name like /dev/sdf", "^/dev/[a-z0-9/]+$" },
	[SHAPE_MOUNT] = { "an absolute path other than /, without spaces and without a slash at the end",
		"^(/[!-.0-~]+)+$" },
	[SHAPE_URL] = { "a URL like https://{{address}}/health", "^https?://[!-~]+$" },
	[SHAPE_SERVER] = { "a URL like https://locks.example.com, without a query or a password",
		"^https?://([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$" },
	[SHAPE_DOMAIN] = { "a domain name like app.example.com",
		"^[A-Za-z0-9_*]([A-Za-z0-9_-]*\\.)*[A-Za-z0-9_-]+\\.?$" },
	[SHAPE_STAGE] = { "`canary`, or a wave like `wave 1`", "^(canary|wave [1-9][0-9]?)$" },
	[SHAPE_TIME_OF_DAY] = { "a time of day like \"01:00\"", "^([01][0-9]|2[0-3]):[0-5][0-9]$" },
	[SHAPE_TIME_ZONE] = { "a time zone like Europe/Amsterdam", "^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$" },
	[SHAPE_VARIABLE] = { "the name of an environment variable", "^[A-Za-z_][A-Za-z0-9_]*$" },
};

bool shapes_fit(struct shapes *s, enum shape shape, const char *text)
{
	if (!ROWS[shape].pattern)
		return text[0] != '\0';
	if (!s->ready[shape] &&
		regcomp(&s->compiled[shape], ROWS[shape].pattern, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	s->ready[shape] = true;
	return regexec(&s->compiled[shape], text, 0, NULL, 0) == 0;
}

void shapes_release(struct shapes *s)
{
	for (int i = 0; i < SHAPE_COUNT; i++)
		if (s->ready[i])
			regfree(&s->compiled[i]);
	*s = (struct shapes)SHAPES_INIT;
}

const char *shape_expected(enum shape shape)
{
	return ROWS[shape].expected;
}

const char *shape_pattern(enum shape shape)
{
	return ROWS[shape].pattern;
}
