#include "sandbox/virtual/host_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"

enum {
	POINT_SIZE = 65,  /* uncompressed, P-256 */
	BLOB_SIZE = 128,  /* "ecdsa-sha2-nistp256", "nistp256" and the point, each behind its length */
	PRINT_SIZE = 128, /* base64 of a SHA-256 */
};

static const char TYPE[] = "ecdsa-sha2-nistp256", CURVE[] = "nistp256";

static bool write_file(const char *path, EVP_PKEY *key, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	BIO *out = fd < 0 ? NULL : BIO_new_fd(fd, BIO_CLOSE);
	bool done = out && PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);

	if (!done)
		error_set_errno(err, ERROR_LOCAL, errno, "could not write the host key %s", path);
	BIO_free(out);
	return done;
}

/* One field of an SSH public key (RFC 4253, 6.6; RFC 5656, 3.1). */
static size_t add_field(unsigned char *blob, size_t at, const void *bytes, size_t len)
{
	blob[at] = blob[at + 1] = blob[at + 2] = 0;
	blob[at + 3] = (unsigned char)len; /* all fields of this key are shorter than 256 bytes */
	memcpy(blob + at + 4, bytes, len);
	return at + 4 + len;
}

static bool describe(EVP_PKEY *key, struct text *ret_public, struct text *ret_print)
{
	unsigned char point[POINT_SIZE], blob[BLOB_SIZE], digest[EVP_MAX_MD_SIZE];
	auto_text print = { .bytes = NULL };
	unsigned digest_len;
	size_t len = 0;

	if (!EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof(point), &len) || len != POINT_SIZE)
		return false;
	len = add_field(blob, 0, TYPE, strlen(TYPE));
	len = add_field(blob, len, CURVE, strlen(CURVE));
	len = add_field(blob, len, point, sizeof(point));
	text_addf(ret_public, "%s ", TYPE);
	base64_encode(blob, len, ret_public);
	text_init(&print, PRINT_SIZE);
	EVP_Digest(blob, len, digest, &digest_len, EVP_sha256(), NULL);
	base64_encode(digest, digest_len, &print);
	print.bytes[strcspn(print.bytes, "=")] = '\0'; /* OpenSSH shows it without padding */
	text_addf(ret_print, "256 SHA256:%s", print.bytes);
	return true;
}

bool host_key_make(const char *path, struct text *ret_public, struct text *ret_print, struct error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	bool done = key && describe(key, ret_public, ret_print);

	if (!done)
		error_set(err, ERROR_LOCAL, "could not make a host key");
	done = done && (!path || write_file(path, key, err));
	EVP_PKEY_free(key);
	return done;
}
