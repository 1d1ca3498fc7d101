/* keys.c: key pairs: only imported ones, as no private key should come out of a sandbox. */
#include <openssl/sha.h>
#include <string.h>

#include "base/encode.h"
#include "sandbox/api/actions.h"
#include "sandbox/api/describe.h"
#include "sandbox/model/images.h"

enum { KEY_MAX = 16 * 1024 };

static const char *const TAGGABLE[] = { "key-pair", NULL };

static const struct {
	const char *prefix; /* of the authorized_keys line */
	const char *type;   /* what EC2 calls it; EC2 itself takes only the first two */
} KEY_TYPES[] = {
	{ "ssh-ed25519 ", "ed25519" },
	{ "ssh-rsa ", "rsa" },
	{ "ecdsa-sha2-", "ecdsa" },
};

static const char *type_of(const char *public_key)
{
	for (size_t i = 0; i < ARRAY_SIZE(KEY_TYPES); i++)
		if (text_starts_with(public_key, KEY_TYPES[i].prefix))
			return KEY_TYPES[i].type;
	return NULL;
}

static void write_key(struct request *r, const void *item)
{
	const struct model_key *k = item;
	bool with_public = false;
	auto_error err = ERROR_INIT;

	reply_text(r, "keyPairId", k->id);
	reply_text(r, "keyFingerprint", k->fingerprint);
	reply_text(r, "keyName", k->name);
	reply_text(r, "keyType", type_of(k->public_key));
	reply_tags(r, &k->tags);
	if (request_bool(r, "IncludePublicKey", &with_public, &err) && with_public)
		reply_text(r, "publicKey", k->public_key);
	reply_time(r, "createTime", k->created_ms);
}

static bool by_name(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_key *)item)->name);
}

static bool by_id(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_key *)item)->id);
}

static bool by_fingerprint(const struct request *r, const void *item, const char *pattern)
{
	(void)r;
	return filter_matches(pattern, ((const struct model_key *)item)->fingerprint);
}

static const struct filter FILTERS[] = {
	{ "fingerprint", by_fingerprint },
	{ "key-name", by_name },
	{ "key-pair-id", by_id },
};

static const void *find(const struct model *m, const char *name, struct error *err)
{
	return model_find_key(m, name, err);
}

static bool is_shown(const struct model *m, const void *item)
{
	(void)m;
	return !((const struct model_key *)item)->deleted;
}

static const struct model_tags *tags_of(const void *item)
{
	return &((const struct model_key *)item)->tags;
}

static const struct describe KEYS = {
	.set = "keySet",
	.ids = "KeyName",
	.filters = FILTERS,
	.filter_count = ARRAY_SIZE(FILTERS),
	.items = model_keys,
	.find = find,
	.shown = is_shown,
	.tags = tags_of,
	.write = write_key,
};

static bool describe_keys(struct request *r, struct error *err)
{
	bool with_public = false;

	return request_bool(r, "IncludePublicKey", &with_public, err) && describe_reply(r, &KEYS, err);
}

/* The base64 word of "type base64 comment", decoded; false if there is none. */
static bool key_bytes(const char *public_key, struct text *ret)
{
	const char *word = strchr(public_key, ' ');

	if (!word || !type_of(public_key) || strchr(public_key, '\n'))
		return false;
	word++;
	return base64_decode(word, strcspn(word, " "), ret) && ret->len;
}

/* The base64 SHA-256 of the key, which EC2 shows for imported ED25519 keys. */
static bool fingerprint(const char *public_key, struct text *ret, struct error *err)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	auto_text bytes = { .bytes = NULL };

	text_init(&bytes, KEY_MAX);
	if (!key_bytes(public_key, &bytes))
		return model_refuse(
			err, "InvalidKey.Format", "Key is not in valid OpenSSH public key format");
	SHA256((const unsigned char *)bytes.bytes, bytes.len, digest);
	base64_encode(digest, sizeof(digest), ret);
	return true;
}

static bool import_line(struct request *r, char *line, struct error *err)
{
	struct model_key_request q = { .name = request_text(r, "KeyName"), .public_key = line };
	auto_text print = { .bytes = NULL };
	const struct model_key *k;
	struct model_tags tags;

	text_init(&print, KEY_MAX);
	line[strcspn(line, "\r\n")] = '\0';
	if (!request_tag_specification(r, TAGGABLE, "key-pair", &tags, err) ||
		!fingerprint(line, &print, err))
		return false;
	q.fingerprint = print.bytes;
	q.tags = &tags;
	if (!model_import_key(r->model, &q, r->dry_run, &k, err))
		return false;
	reply_text(r, "keyFingerprint", k->fingerprint);
	reply_text(r, "keyName", k->name);
	reply_text(r, "keyPairId", k->id);
	reply_tags(r, &k->tags);
	return true;
}

static bool import_key(struct request *r, struct error *err)
{
	const char *material = request_text(r, "PublicKeyMaterial");
	auto_text line = { .bytes = NULL };

	text_init(&line, KEY_MAX);
	if (!base64_decode(material, strlen(material), &line) || line.cut)
		return model_refuse(
			err, "InvalidKey.Format", "Key is not in valid OpenSSH public key format");
	return import_line(r, line.bytes, err);
}

static bool delete_key(struct request *r, struct error *err)
{
	const char *id;

	if (!model_delete_key(r->model, request_text(r, "KeyName"), r->dry_run, &id, err))
		return false;
	reply_done(r);
	reply_text(r, "keyPairId", id);
	return true;
}

static const struct action ROWS[] = {
	{
		.name = "DescribeKeyPairs",
		.summary = "imported public keys",
		.params = "KeyName.N IncludePublicKey Filter.N.Name Filter.N.Value.N",
		.throttle = THROTTLE_READ,
		.handle = describe_keys,
	},
	{
		.name = "ImportKeyPair",
		.summary = "give a public key a name; instances let it in as user admin",
		.params = "KeyName! PublicKeyMaterial! TagSpecification.N.ResourceType "
			  "TagSpecification.N.Tag.N.Key TagSpecification.N.Tag.N.Value",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = import_key,
	},
	{
		.name = "DeleteKeyPair",
		.summary = "forget a public key",
		.params = "KeyName!",
		.mutates = true,
		.throttle = THROTTLE_MUTATE,
		.handle = delete_key,
	},
};

const struct action_set actions_keys = { .rows = ROWS, .count = ARRAY_SIZE(ROWS) };
