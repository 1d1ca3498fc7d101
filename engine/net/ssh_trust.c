/* ssh_trust.c: is the machine that answers the one that we mean? */
#include <errno.h>
#include <string.h>

#include "base/encode.h"
#include "base/file.h"
#include "net/known_hosts.h"
#include "net/ssh_session.h"
#include "net/ssh_wire.h"

enum { KEYS_MAX = 64 * 1024, KNOWN_HOSTS_MAX = 4 * 1024 * 1024, TYPE_MAX = 64, FINGERPRINT_SIZE = 64 };

static const char HINT_CHANGED[] =
	"if the machine was rebuilt, remove the old key (ssh-keygen -R HOST) and add the new one "
	"after comparing it with the console; if not, somebody may be in between";
static const char HINT_UNKNOWN[] =
	"compare this fingerprint with the machine's console, then: ssh-keyscan HOST >> known_hosts";

static bool load_known_hosts(struct ssh_session *s, struct error *err)
{
	const struct ssh_target *t = &s->target;
	const char *name = t->known_host_name ? t->known_host_name : t->address;
	auto_text file;

	text_init(&file, KNOWN_HOSTS_MAX);
	if (!file_read(t->known_hosts_file, &file, err)) {
		if (err->kind != ERROR_MISSING)
			return false;
		error_release(err); /* nobody is known yet: said when the key has been seen */
	}
	known_hosts_find(file.bytes, name, t->port, &s->trusted, &s->revoked);
	return true;
}

bool ssh_load_trusted(struct ssh_session *s, struct error *err)
{
	text_init(&s->trusted, KEYS_MAX);
	text_init(&s->revoked, KEYS_MAX);
	if (s->target.host_keys) {
		text_add(&s->trusted, s->target.host_keys);
		return true;
	}
	if (!s->target.known_hosts_file)
		return error_set(err, ERROR_DENIED, "no host keys are known for %s", s->target.address);
	return load_known_hosts(s, err);
}

struct host_key {
	char type[TYPE_MAX];
	struct text line; /* "type base64" */
	char fingerprint[FINGERPRINT_SIZE];
};

static void fingerprint(LIBSSH2_SESSION *ssh, char ret[FINGERPRINT_SIZE])
{
	const char *hash = libssh2_hostkey_hash(ssh, LIBSSH2_HOSTKEY_HASH_SHA256);
	auto_text base64;

	text_init(&base64, FINGERPRINT_SIZE);
	if (hash)
		base64_encode(hash, 32, &base64);
	snprintf(ret, FINGERPRINT_SIZE, "SHA256:%.*s", (int)strcspn(base64.bytes, "="), base64.bytes);
}

static bool read_host_key(struct ssh_session *s, struct host_key *ret)
{
	struct ssh_reader r;
	struct ssh_string type;
	const char *blob;
	size_t len;
	int kind;

	blob = libssh2_session_hostkey(s->ssh, &len, &kind);
	r = (struct ssh_reader){ .at = (const unsigned char *)blob, .left = blob ? len : 0 };
	if (!ssh_read_string(&r, &type) || type.len >= TYPE_MAX)
		return false;
	snprintf(ret->type, sizeof(ret->type), "%.*s", (int)type.len, type.bytes);
	text_addf(&ret->line, "%s ", ret->type);
	base64_encode(blob, len, &ret->line);
	fingerprint(s->ssh, ret->fingerprint);
	return true;
}

/* True if lines holds one that begins with `start` and goes on with the end, a blank or (any_end) anything. */
static bool has_line(const char *lines, const char *start, bool any_end)
{
	size_t len = strlen(start);

	while (*lines) {
		if (!strncmp(lines, start, len) && (any_end || strchr(" \r\n", lines[len])))
			return true;
		lines = strchrnul(lines, '\n');
		lines += *lines == '\n';
	}
	return false;
}

static enum ssh_progress refuse(const struct ssh_session *s, const struct host_key *key, struct error *err)
{
	const struct ssh_target *t = &s->target;
	const char *source = t->host_keys ? "the machine's console" : t->known_hosts_file;
	char type[TYPE_MAX + 1];

	snprintf(type, sizeof(type), "%s ", key->type);
	if (has_line(s->revoked.bytes, key->line.bytes, false)) {
		error_set(err, ERROR_DENIED, "the host key of %s (%s) is revoked in %s", s->peer.text,
			key->fingerprint, source);
	} else if (!s->trusted.len) {
		error_set(err, ERROR_DENIED, "the host key of %s (%s %s) is not known: %s has no key for it",
			s->peer.text, key->type, key->fingerprint, source);
		error_hint(err, HINT_UNKNOWN);
	} else {
		error_set(err, ERROR_DENIED, "the host key of %s (%s %s) is not %s in %s", s->peer.text,
			key->type, key->fingerprint,
			has_line(s->trusted.bytes, type, true) ? "the one" : "among those", source);
		error_hint(err, HINT_CHANGED);
	}
	return SSH_FAILED;
}

enum ssh_progress ssh_trust(struct ssh_session *s, struct error *err)
{
	struct host_key key = { .type = "" };
	enum ssh_progress progress = SSH_DONE;

	text_init(&key.line, KEYS_MAX);
	if (!read_host_key(s, &key)) {
		error_set(err, ERROR_REMOTE, "%s showed no host key", s->peer.text);
		progress = SSH_FAILED;
	} else if (!has_line(s->trusted.bytes, key.line.bytes, false) ||
		   has_line(s->revoked.bytes, key.line.bytes, false)) {
		progress = refuse(s, &key, err);
	}
	text_release(&key.line);
	return progress;
}
