#include "aws/failure.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/moment.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "wire/xml.h"

enum {
	SKEW_TOLERATED_MS = 5 * 60 * 1000, /* what AWS accepts in general (IAM guide, SigV4) */
	MESSAGE_MAX = 400,                 /* UnauthorizedOperation carries a kilobyte of encoded detail */
};

struct code_row {
	const char *code;
	enum error_kind kind;
	enum failure_class class;
	const char *hint;
};

static const char KEYS_HINT[] =
	"check the access key and the secret key, and that what is named belongs to their account";
static const char EXPIRED_HINT[] =
	"the session credentials have expired: get new ones and run the same command";
static const char ALLOW_HINT[] = "allow this action in the IAM policy of the role or user";
static const char ROOM_HINT[] =
	"try another instance type or a later time; the zone must stay, the data is there";
static const char QUOTA_HINT[] = "free what is not needed, or ask AWS to raise the quota";
static const char STATE_HINT[] = "look at its state; the same command goes on from there";

static const struct code_row CODES[] = {
	{ "Throttling", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "ThrottlingException", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "ThrottledException", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "RequestThrottledException", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "RequestThrottled", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "TooManyRequestsException", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "RequestLimitExceeded", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "BandwidthLimitExceeded", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "EC2ThrottledException", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "SlowDown", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	{ "PriorRequestNotComplete", ERROR_THROTTLED, FAILURE_THROTTLED, NULL },
	/* EC2 wants at least 15 s between them, longer than a call waits: the engine comes back. */
	{ "SnapshotCreationPerVolumeRateExceeded", ERROR_THROTTLED, FAILURE_FINAL, NULL },

	{ "RequestTimeout", ERROR_TIMEOUT, FAILURE_TRANSIENT, NULL },
	{ "RequestTimeoutException", ERROR_TIMEOUT, FAILURE_TRANSIENT, NULL },
	{ "ConcurrentTagAccess", ERROR_CONFLICT, FAILURE_TRANSIENT, NULL },

	{ "InsufficientInstanceCapacity", ERROR_CAPACITY, FAILURE_FINAL, ROOM_HINT },
	{ "InsufficientHostCapacity", ERROR_CAPACITY, FAILURE_FINAL, ROOM_HINT },
	{ "InsufficientVolumeCapacity", ERROR_CAPACITY, FAILURE_FINAL, ROOM_HINT },
	{ "InsufficientAddressCapacity", ERROR_CAPACITY, FAILURE_FINAL, ROOM_HINT },
	{ "InsufficientFreeAddressesInSubnet", ERROR_CAPACITY, FAILURE_FINAL,
		"free an address of the subnet" },
	{ "ReservationCapacityExceeded", ERROR_CAPACITY, FAILURE_FINAL, ROOM_HINT },
	{ "Unsupported", ERROR_CAPACITY, FAILURE_FINAL, "this zone may not have the instance type" },
	{ "VcpuLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL, QUOTA_HINT },
	{ "InstanceLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL, QUOTA_HINT },
	{ "VolumeLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL, QUOTA_HINT },
	{ "SnapshotLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL, QUOTA_HINT },
	{ "MaxIOPSLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL, QUOTA_HINT },
	{ "AttachmentLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL, QUOTA_HINT },
	{ "ConcurrentSnapshotLimitExceeded", ERROR_CAPACITY, FAILURE_FINAL,
		"wait for the volume's other snapshots" },

	{ "UnauthorizedOperation", ERROR_DENIED, FAILURE_FINAL, ALLOW_HINT },
	{ "AccessDenied", ERROR_DENIED, FAILURE_FINAL, ALLOW_HINT },
	{ "AccessDeniedException", ERROR_DENIED, FAILURE_FINAL, ALLOW_HINT },
	{ "AuthFailure", ERROR_DENIED, FAILURE_FINAL, KEYS_HINT },
	{ "InvalidClientTokenId", ERROR_DENIED, FAILURE_FINAL, KEYS_HINT },
	{ "MissingAuthenticationToken", ERROR_DENIED, FAILURE_FINAL, KEYS_HINT },
	{ "IncompleteSignature", ERROR_DENIED, FAILURE_FINAL, KEYS_HINT },
	{ "UnrecognizedClientException", ERROR_DENIED, FAILURE_FINAL, KEYS_HINT },
	{ "SignatureDoesNotMatch", ERROR_DENIED, FAILURE_FINAL,
		"the secret key does not belong to the access key, or a proxy changed the request" },
	{ "InvalidSignatureException", ERROR_DENIED, FAILURE_FINAL, KEYS_HINT },
	{ "RequestExpired", ERROR_DENIED, FAILURE_FINAL, EXPIRED_HINT },
	{ "RequestTimeTooSkewed", ERROR_DENIED, FAILURE_FINAL, EXPIRED_HINT },
	{ "RequestInTheFuture", ERROR_DENIED, FAILURE_FINAL, EXPIRED_HINT },
	{ "ExpiredToken", ERROR_DENIED, FAILURE_FINAL, EXPIRED_HINT },
	{ "ExpiredTokenException", ERROR_DENIED, FAILURE_FINAL, EXPIRED_HINT },
	{ "OptInRequired", ERROR_DENIED, FAILURE_FINAL, "enable the region or the service for this account" },
	{ "Blocked", ERROR_DENIED, FAILURE_FINAL, "the account is blocked: ask AWS" },

	{ "IncorrectState", ERROR_CONFLICT, FAILURE_FINAL, STATE_HINT },
	{ "IncorrectInstanceState", ERROR_CONFLICT, FAILURE_FINAL, STATE_HINT },
	{ "InvalidInstanceID", ERROR_CONFLICT, FAILURE_FINAL, STATE_HINT }, /* pending, or terminated */
	{ "VolumeInUse", ERROR_CONFLICT, FAILURE_FINAL, STATE_HINT },
	{ "InvalidSnapshot.InUse", ERROR_CONFLICT, FAILURE_FINAL, "an image uses the snapshot" },
	{ "InvalidVolume.ZoneMismatch", ERROR_CONFLICT, FAILURE_FINAL, "a volume cannot leave its zone" },
	{ "InvalidAMIID.Unavailable", ERROR_CONFLICT, FAILURE_FINAL, "wait until the image is available" },
	{ "InvalidBlockDeviceMapping", ERROR_CONFLICT, FAILURE_FINAL, NULL },
	{ "InvalidParameterValue", ERROR_CONFLICT, FAILURE_FINAL, NULL },
	{ "InvalidParameterCombination", ERROR_CONFLICT, FAILURE_FINAL, NULL },
	{ "Resource.AlreadyAssociated", ERROR_CONFLICT, FAILURE_FINAL, STATE_HINT },
	{ "OperationNotPermitted", ERROR_CONFLICT, FAILURE_FINAL,
		"its termination or stop protection is on" },
	{ "UnsupportedOperation", ERROR_CONFLICT, FAILURE_FINAL, NULL },
	{ "IdempotentParameterMismatch", ERROR_CONFLICT, FAILURE_FINAL, NULL },
	{ "IdempotentInstanceTerminated", ERROR_CONFLICT, FAILURE_FINAL, NULL },
};

/* Codes by which a wrong clock shows (aws/aws-sdk-java-v2 AwsErrorCode.java). */
static const char *const CLOCK_CODES[] = {
	"AuthFailure",
	"InvalidSignatureException",
	"RequestExpired",
	"RequestInTheFuture",
	"RequestTimeTooSkewed",
	"SignatureDoesNotMatch",
};

static const struct code_row MISSING_ROW = { .kind = ERROR_MISSING };

static const struct code_row *find_code(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(CODES); i++)
		if (!strcmp(CODES[i].code, code))
			return &CODES[i];
	return text_ends_with(code, ".NotFound") || text_ends_with(code, ".Malformed") ? &MISSING_ROW : NULL;
}

static bool speaks_of_clock(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(CLOCK_CODES); i++)
		if (!strcmp(CLOCK_CODES[i], code))
			return true;
	return false;
}

/* AWS's sentence in our style: no capital first letter, no full stop, not endless. Returns ret. */
static const char *tidy(const char *message, struct text *ret)
{
	bool is_word = isupper((unsigned char)message[0]) && !isupper((unsigned char)message[1]);

	text_add(ret, message);
	if (is_word)
		ret->bytes[0] = (char)tolower((unsigned char)ret->bytes[0]);
	while (ret->len && strchr(". \n", ret->bytes[ret->len - 1]))
		ret->bytes[--ret->len] = '\0';
	return ret->bytes;
}

/* What the reply says in EC2's words (or in those of the query protocol, as a gateway may). */
struct complaint {
	const char *code, *message, *request_id;
};

static struct complaint read_complaint(const struct http_reply *reply, struct arena *arena)
{
	const struct xml_element *root = NULL;
	auto_error unreadable = ERROR_INIT;
	const char *path = "Errors/Error";
	struct complaint c = { .request_id = reply->request_id };

	if (!xml_read(reply->body, reply->body_len, arena, &root, &unreadable))
		root = NULL;
	if (!xml_find(root, path))
		path = "Error";
	c.code = xml_text(xml_find(root, path), "Code");
	c.message = xml_text(xml_find(root, path), "Message");
	if (*xml_text(root, "RequestID"))
		c.request_id = xml_text(root, "RequestID");
	else if (*xml_text(root, "RequestId"))
		c.request_id = xml_text(root, "RequestId");
	return c;
}

static bool set_clock(
	const struct complaint *c, const struct http_reply *reply, int64_t wall_ms, struct error *err)
{
	int64_t theirs = moment_of_http_date(reply->date), ahead = wall_ms - theirs;
	int64_t off = ahead < 0 ? -ahead : ahead;
	char span[CLOCK_SPAN_SIZE];

	if (!theirs || !speaks_of_clock(c->code) || off <= SKEW_TOLERATED_MS)
		return false;
	error_set(err, ERROR_DENIED, "this machine's clock is %s %s AWS's, so AWS refuses the signature (%s)",
		clock_format_span(off, span), ahead < 0 ? "behind" : "ahead of", c->code);
	error_hint(err, "set the clock, for example: timedatectl set-ntp true");
	return true;
}

static void set_code(
	const struct action *action, const struct complaint *c, const struct code_row *row, struct error *err)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	if (!strcmp(c->code, "UnauthorizedOperation"))
		error_set(err, ERROR_DENIED, "not permitted: ec2:%s (%s)", action->name, c->code);
	else if (*c->message)
		error_set(err, row->kind, "%s (%s)", tidy(c->message, &message), c->code);
	else
		error_set(err, row->kind, "%s", c->code);
	error_hint(err, row->hint);
}

static enum failure_class set_status(const struct complaint *c, int status, struct error *err)
{
	auto_text message;

	text_init(&message, MESSAGE_MAX);
	error_set(err, status == 429 ? ERROR_THROTTLED : ERROR_REMOTE, "%s (%s, HTTP status %d)",
		*c->message ? tidy(c->message, &message) : "the endpoint did not answer as EC2 does",
		*c->code ? c->code : "no code", status);
	err->happened = status >= 500 ? HAPPENED_UNKNOWN : HAPPENED_NO;
	if (status == 429)
		return FAILURE_THROTTLED;
	return status == 500 || (status >= 502 && status <= 504) ? FAILURE_TRANSIENT : FAILURE_FINAL;
}

static void set_upstream(const struct complaint *c, struct error *err)
{
	error_set_code(err, c->code);
	err->request_id = alloc_text(c->request_id);
}

enum failure_class failure_of_reply(
	const struct action *action, const struct http_reply *reply, int64_t wall_ms, struct error *err)
{
	auto_arena arena = ARENA_INIT;
	struct complaint c = read_complaint(reply, &arena);
	const struct code_row *row = find_code(c.code);
	enum failure_class class;

	if (row && !set_clock(&c, reply, wall_ms, err))
		set_code(action, &c, row, err);
	if (row)
		class = row->class;
	else
		class = set_status(&c, reply->status, err);
	set_upstream(&c, err);
	return class;
}

enum failure_class failure_of_transport(const struct error *err)
{
	return err->kind == ERROR_REMOTE || err->kind == ERROR_TIMEOUT ? FAILURE_TRANSIENT : FAILURE_FINAL;
}
