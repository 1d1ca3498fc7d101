#include "net/ssh_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/text.h"
#include "net/ssh_wire.h"

enum { KEY_FILE_MAX = 64 * 1024 };

enum key_kind { KEY_USABLE, KEY_ENCRYPTED, KEY_RSA, KEY_PEM_ED25519, KEY_OTHER };

static const char HINT_NEW_KEY[] =
	"make an Ed25519 key and put its public half on the machines: ssh-keygen -t ed25519";

/* Why keys of each kind are refused; a usable one is not. */
static const struct {
	const char *why, *hint;
} REFUSALS[] = {
	[KEY_ENCRYPTED] = { "it is protected by a passphrase",
		"load it into ssh-agent (ssh-add) and use the agent, or make a key for this purpose: "
		"ssh-keygen -t ed25519 -N ''" },
	[KEY_RSA] = { "it is an RSA key, which libssh2 1.10 can only use with SHA-1 signatures, and today's "
		      "sshd refuses those",
		HINT_NEW_KEY },
	[KEY_PEM_ED25519] = { "it is an Ed25519 key in PEM form, with which libssh2 1.10 is refused",
		HINT_NEW_KEY },
	[KEY_OTHER] = { "it is neither an Ed25519 nor an ECDSA key", HINT_NEW_KEY },
};

static const char OPENSSH_BEGIN[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
static const char OPENSSH_END[] = "-----END OPENSSH PRIVATE KEY-----";

static enum key_kind kind_of_type(struct ssh_string type)
{
	if (ssh_string_is(type, "ssh-ed25519") || (type.len > 11 && !memcmp(type.bytes, "ecdsa-sha2-", 11)))
		return KEY_USABLE;
	return ssh_string_is(type, "ssh-rsa") ? KEY_RSA : KEY_OTHER;
}

/* magic, cipher, key derivation, its options, number of keys, public key, private key. */
static bool read_openssh(struct ssh_reader r, enum key_kind *ret)
{
	static const char MAGIC[] = "openssh-key-v1";
	struct ssh_string cipher, skipped, public_key, type;
	struct ssh_reader inner;
	uint32_t count;

	if (r.left < sizeof(MAGIC) || memcmp(r.at, MAGIC, sizeof(MAGIC)) || !ssh_skip(&r, sizeof(MAGIC)))
		return false;
	if (!ssh_read_string(&r, &cipher) || !ssh_read_string(&r, &skipped) || !ssh_read_string(&r, &skipped))
		return false;
	if (!ssh_read_number(&r, &count) || count != 1 || !ssh_read_string(&r, &public_key))
		return false;
	inner = (struct ssh_reader){ .at = (const unsigned char *)public_key.bytes, .left = public_key.len };
	if (!ssh_read_string(&inner, &type))
		return false;
	*ret = kind_of_type(type);
	if (*ret == KEY_USABLE && !ssh_string_is(cipher, "none"))
		*ret = KEY_ENCRYPTED;
	return true;
}

static bool inspect_openssh(const char *text, enum key_kind *ret)
{
	const char *begin = strstr(text, OPENSSH_BEGIN) + strlen(OPENSSH_BEGIN),
		   *end = strstr(begin, OPENSSH_END);
	struct text raw;
	bool readable;

	text_init(&raw, KEY_FILE_MAX);
	readable = end && base64_decode(begin, (size_t)(end - begin), &raw) &&
		   read_openssh((struct ssh_reader){ (const unsigned char *)raw.bytes, raw.len }, ret);
	explicit_bzero(raw.bytes, raw.len);
	text_release(&raw);
	return readable;
}

/* Called by OpenSSL when the key is encrypted: remembers that, and gives no passphrase. */
static int on_passphrase(char *buffer, int size, int writing, void *asked)
{
	(void)buffer;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool inspect_pem(const struct text *text, enum key_kind *ret)
{
	bool encrypted = false;
	BIO *bio = BIO_new_mem_buf(text->bytes, (int)text->len);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, &encrypted) : NULL;

	BIO_free(bio);
	if (!key && !encrypted)
		return false;
	if (encrypted)
		*ret = KEY_ENCRYPTED;
	else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
		*ret = KEY_USABLE;
	else if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
		*ret = KEY_PEM_ED25519;
	else
		*ret = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? KEY_RSA : KEY_OTHER;
	EVP_PKEY_free(key);
	return true;
}

static bool inspect(const char *path, const struct text *text, struct error *err)
{
	enum key_kind kind;

	if (text_starts_with(text->bytes, "ssh-") || text_starts_with(text->bytes, "ecdsa-")) {
		error_set(err, ERROR_DENIED, "cannot use %s: it is a public key", path);
		return error_hint(err, "name the private key: the same name without .pub");
	}
	if (!(strstr(text->bytes, OPENSSH_BEGIN) ? inspect_openssh(text->bytes, &kind)
						 : inspect_pem(text, &kind)))
		return error_set(err, ERROR_DENIED, "cannot use %s: it is not a private key", path);
	if (kind == KEY_USABLE)
		return true;
	error_set(err, ERROR_DENIED, "cannot use %s: %s", path, REFUSALS[kind].why);
	return error_hint(err, REFUSALS[kind].hint);
}

bool ssh_key_check(const char *path, struct error *err)
{
	struct text text;
	bool good;

	text_init(&text, KEY_FILE_MAX);
	good = file_read(path, &text, err) && inspect(path, &text, err);
	explicit_bzero(text.bytes, text.size);
	text_release(&text);
	return good || error_wrap(err, "SSH key");
}
