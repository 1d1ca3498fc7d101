/* ssh_login.c: proving who we are: the key file first, then the agent's keys. */
#include <string.h>

#include "net/ssh_session.h"
#include "net/ssh_wire.h"

static const char HINT_REFUSED[] =
	"check the user name, and that the key's public half is in that user's authorized_keys";

static bool is_refusal(int code)
{
	return code == LIBSSH2_ERROR_AUTHENTICATION_FAILED || code == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
}

static int try_key_file(struct ssh_session *s)
{
	const char *user = s->target.user;

	return libssh2_userauth_publickey_fromfile_ex(
		s->ssh, user, (unsigned int)strlen(user), NULL, s->target.key_file, NULL);
}

/* The agent answers from this machine, so these calls block only as long as it takes to do that. */
static bool open_agent(struct ssh_session *s, struct error *err)
{
	struct ssh_login *l = &s->login;

	l->agent = libssh2_agent_init(s->ssh);
	if (!l->agent)
		abort();
	libssh2_agent_set_identity_path(l->agent, s->target.agent_socket);
	if (libssh2_agent_connect(l->agent) || libssh2_agent_list_identities(l->agent)) {
		error_set(err, ERROR_LOCAL, "could not ask the SSH agent at %s for its keys",
			s->target.agent_socket);
		return error_hint(err, "check SSH_AUTH_SOCK, and that ssh-add -l lists keys");
	}
	l->agent_listed = true;
	return true;
}

static bool is_rsa(const struct libssh2_agent_publickey *key)
{
	struct ssh_reader r = { .at = key->blob, .left = key->blob_len };
	struct ssh_string type;

	return ssh_read_string(&r, &type) && ssh_string_is(type, "ssh-rsa");
}

/* Moves on to the agent's next key that can work. False when there is none. */
static bool next_identity(struct ssh_login *l)
{
	while (libssh2_agent_get_identity(l->agent, &l->identity, l->identity) == 0) {
		if (!is_rsa(l->identity))
			return true;
		l->agent_rsa++;
	}
	return false;
}

/* Tries one key after the other. 0, EAGAIN, a refusal when all were refused, or another failure. */
static int try_agent(struct ssh_session *s)
{
	struct ssh_login *l = &s->login;
	int code = LIBSSH2_ERROR_AUTHENTICATION_FAILED;

	while (is_refusal(code) && (l->trying || next_identity(l))) {
		code = libssh2_agent_userauth(l->agent, s->target.user, l->identity);
		l->trying = code == LIBSSH2_ERROR_EAGAIN;
		l->agent_tried += !l->trying;
	}
	return code;
}

static enum ssh_progress refused(const struct ssh_session *s, struct error *err)
{
	const struct ssh_login *l = &s->login;
	auto_text with;

	text_init(&with, 1024);
	if (s->target.key_file)
		text_addf(&with, "key %s", s->target.key_file);
	if (l->agent)
		text_addf(&with, "%s%d of the agent's keys", with.len ? " and " : "", l->agent_tried);
	if (l->agent_rsa)
		text_addf(&with, " (%d RSA keys were not tried: libssh2 1.10 cannot use them)", l->agent_rsa);
	error_set(err, ERROR_DENIED, "%s refused user %s with %s", s->peer.text, s->target.user, with.bytes);
	error_hint(err, HINT_REFUSED);
	return SSH_FAILED;
}

static bool wants_agent(const struct ssh_session *s)
{
	return s->target.agent && s->target.agent_socket;
}

enum ssh_progress ssh_login(struct ssh_session *s, struct error *err)
{
	struct ssh_login *l = &s->login;
	int code = LIBSSH2_ERROR_AUTHENTICATION_FAILED;

	if (s->target.key_file && !l->key_refused) {
		code = try_key_file(s);
		l->key_refused = is_refusal(code);
	}
	if (is_refusal(code) && wants_agent(s)) {
		if (!l->agent_listed && !open_agent(s, err))
			return SSH_FAILED;
		code = try_agent(s);
	}
	if (code == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	if (!code)
		return SSH_DONE;
	if (is_refusal(code))
		return refused(s, err);
	ssh_explain(s, err, "the login failed");
	return SSH_FAILED;
}

void ssh_login_timed_out(const struct ssh_session *s, struct error *err)
{
	error_set(err, ERROR_TIMEOUT, "%s did not answer the login of user %s within %d ms", s->peer.text,
		s->target.user, s->target.limit_ms);
}

void ssh_login_release(struct ssh_login *l)
{
	if (l->agent) {
		libssh2_agent_disconnect(l->agent);
		libssh2_agent_free(l->agent);
	}
	*l = (struct ssh_login){ .agent = NULL };
}
