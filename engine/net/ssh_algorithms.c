#include "net/ssh_algorithms.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/ssh_wire.h"

enum { KEXINIT = 20, COOKIE_LEN = 16, OFFER_SHOWN = 160 };

struct category {
	int method;
	const char *what;
	const char *offer; /* best first; all of it works in libssh2 1.10 with OpenSSL */
	const char *hint;
};

static const char CIPHERS[] = "aes128-ctr,aes192-ctr,aes256-ctr";
static const char MACS[] = "hmac-sha2-256,hmac-sha2-512";
static const char HOST_KEYS[] = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521";
static const char CIPHER_HINT[] = "add aes128-ctr to Ciphers in the machine's sshd_config";
static const char MAC_HINT[] = "add hmac-sha2-256 to MACs in the machine's sshd_config";

/* In the order in which KEXINIT lists them. */
static const struct category CATEGORIES[] = {
	{ LIBSSH2_METHOD_KEX, "key exchange",
		"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
		"diffie-hellman-group16-sha512,diffie-hellman-group14-sha256",
		"add curve25519-sha256 to KexAlgorithms in the machine's sshd_config" },
	{ LIBSSH2_METHOD_HOSTKEY, "host key type", HOST_KEYS,
		"make an Ed25519 host key on the machine: ssh-keygen -A, then reload sshd" },
	{ LIBSSH2_METHOD_CRYPT_CS, "cipher", CIPHERS, CIPHER_HINT },
	{ LIBSSH2_METHOD_CRYPT_SC, "cipher", CIPHERS, CIPHER_HINT },
	{ LIBSSH2_METHOD_MAC_CS, "MAC", MACS, MAC_HINT },
	{ LIBSSH2_METHOD_MAC_SC, "MAC", MACS, MAC_HINT },
};

/* Does a line of the trusted keys begin with this type? */
static bool names_type(const char *trusted, const char *type, size_t len)
{
	for (const char *line = trusted; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, type, len) && line[len] == ' ')
			return true;
	}
	return false;
}

static void add_host_key_types(struct text *ret, const char *trusted, bool named)
{
	for (const char *type = HOST_KEYS; *type;) {
		size_t len = strcspn(type, ",");

		if (names_type(trusted, type, len) == named) {
			if (ret->len)
				text_add_char(ret, ',');
			text_add_bytes(ret, type, len);
		}
		type += len + (type[len] == ',');
	}
}

bool ssh_pin_algorithms(LIBSSH2_SESSION *ssh, const char *trusted, struct error *err)
{
	auto_text host_keys;

	text_init(&host_keys, sizeof(HOST_KEYS));
	add_host_key_types(&host_keys, trusted, true);
	add_host_key_types(&host_keys, trusted, false);
	for (size_t i = 0; i < ARRAY_SIZE(CATEGORIES); i++) {
		const struct category *c = &CATEGORIES[i];
		const char *offer = c->method == LIBSSH2_METHOD_HOSTKEY ? host_keys.bytes : c->offer;

		if (libssh2_session_method_pref(ssh, c->method, offer))
			return error_set(err, ERROR_LOCAL, "this libssh2 has none of the %s algorithms %s",
				c->what, offer);
	}
	return true;
}

/* Leaves the lists of the server's first packet: after the version line (RFC 4253, 4.2), if it is KEXINIT. */
static bool find_lists(struct ssh_reader *r)
{
	for (;;) {
		const char *line = (const char *)r->at, *end = memchr(line, '\n', r->left);
		bool version = end && r->left > 4 && !memcmp(line, "SSH-", 4);

		if (!end || !ssh_skip(r, (size_t)(end - line) + 1))
			return false;
		if (version)
			break;
	}
	/* packet length, padding length, message number, cookie */
	return r->left > 6 && r->at[5] == KEXINIT && ssh_skip(r, 4 + 1 + 1 + COOKIE_LEN);
}

static bool has_common(const struct category *c, struct ssh_string theirs)
{
	for (const char *ours = c->offer; *ours;) {
		size_t len = strcspn(ours, ",");

		if (ssh_list_has(theirs, (struct ssh_string){ ours, len }))
			return true;
		ours += len + (ours[len] == ',');
	}
	return false;
}

/* The machine is not trusted yet, and what it says may be shown on a terminal. */
static void name_missing(const struct category *c, struct ssh_string theirs, struct error *err)
{
	char shown[OFFER_SHOWN + 1];
	size_t len = theirs.len < OFFER_SHOWN ? theirs.len : OFFER_SHOWN;

	for (size_t i = 0; i < len; i++)
		shown[i] = isgraph((unsigned char)theirs.bytes[i]) ? theirs.bytes[i] : '?';
	shown[len] = '\0';
	error_set(err, ERROR_DENIED, "no common %s: it offers %s; libssh2 1.10 can %s", c->what, shown,
		c->offer);
	error_hint(err, c->hint);
}

bool ssh_name_missing_algorithm(const void *first_bytes, size_t len, struct error *err)
{
	struct ssh_reader r = { .at = first_bytes, .left = len };
	struct ssh_string theirs;

	if (!find_lists(&r))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(CATEGORIES) && ssh_read_string(&r, &theirs); i++) {
		if (has_common(&CATEGORIES[i], theirs))
			continue;
		name_missing(&CATEGORIES[i], theirs, err);
		return true;
	}
	return false;
}
