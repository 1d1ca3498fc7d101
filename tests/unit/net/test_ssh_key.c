#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/ssh_key.h"

/* Makes a key with a line of shell that writes it to $KEY, and checks it. */
static bool check(const char *line, struct error *err)
{
	char folder[] = "/tmp/key-XXXXXX", path[64], command[512];
	bool good;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	snprintf(command, sizeof(command), "KEY=%s; %s", path, line);
	assert_int_equal(system(command), 0);
	good = ssh_key_check(path, err);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
	return good;
}

static void assert_refused(const char *line, const char *words, const char *hint)
{
	auto_error err = ERROR_INIT;

	assert_false(check(line, &err));
	if (!strstr(err.message, words) || (hint && !strstr(err.hint, hint)))
		fail_msg("'%s' (%s) does not contain '%s' (%s)", err.message, err.hint, words, hint);
	assert_int_equal(err.happened, HAPPENED_NO);
}

static void ed25519_and_ecdsa_keys_pass(void **state)
{
	static const char *const LINES[] = {
		"ssh-keygen -q -N '' -t ed25519 -f $KEY",
		"ssh-keygen -q -N '' -t ecdsa -b 521 -f $KEY",
		"ssh-keygen -q -N '' -t ecdsa -m PEM -f $KEY",
		"ssh-keygen -q -N '' -t ecdsa -m PKCS8 -f $KEY",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		auto_error err = ERROR_INIT;

		if (!check(LINES[i], &err))
			fail_msg("%s: %s", LINES[i], err.message);
	}
}

static void an_rsa_key_is_refused_in_every_form(void **state)
{
	(void)state;
	assert_refused("ssh-keygen -q -N '' -t rsa -f $KEY", "it is an RSA key", "ssh-keygen -t ed25519");
	assert_refused(
		"ssh-keygen -q -N '' -t rsa -m PEM -f $KEY", "it is an RSA key", "ssh-keygen -t ed25519");
	assert_refused(
		"ssh-keygen -q -N '' -t rsa -m PKCS8 -f $KEY", "it is an RSA key", "ssh-keygen -t ed25519");
	assert_refused("ssh-keygen -q -N secret -t rsa -f $KEY", "it is an RSA key", "ssh-keygen -t ed25519");
}

static void an_encrypted_key_is_refused_in_every_form(void **state)
{
	(void)state;
	assert_refused("ssh-keygen -q -N secret -t ed25519 -f $KEY", "protected by a passphrase", "ssh-add");
	assert_refused(
		"ssh-keygen -q -N secret -t ecdsa -m PEM -f $KEY", "protected by a passphrase", "ssh-add");
	assert_refused(
		"ssh-keygen -q -N secret -t ecdsa -m PKCS8 -f $KEY", "protected by a passphrase", "ssh-add");
}

static void what_is_no_private_key_is_told_so(void **state)
{
	(void)state;
	assert_refused(":", "could not open", NULL);
	assert_refused(
		"ssh-keygen -q -N '' -t ed25519 -f $KEY && mv $KEY.pub $KEY", "it is a public key", ".pub");
	assert_refused("echo nonsense >$KEY", "it is not a private key", NULL);
	assert_refused(">$KEY", "it is not a private key", NULL);
	assert_refused(
		"ssh-keygen -q -N '' -t ed25519 -f $KEY && head -n 3 $KEY >$KEY.cut && mv $KEY.cut $KEY",
		"it is not a private key", NULL);
	assert_refused("head -c 100000 /dev/zero >$KEY", "larger than", NULL);
}

static void an_ed25519_key_in_pem_form_is_refused(void **state)
{
	(void)state;
	assert_refused("openssl genpkey -algorithm ed25519 -out $KEY", "in PEM form", "ssh-keygen");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ed25519_and_ecdsa_keys_pass),
		cmocka_unit_test(an_rsa_key_is_refused_in_every_form),
		cmocka_unit_test(an_encrypted_key_is_refused_in_every_form),
		cmocka_unit_test(what_is_no_private_key_is_told_so),
		cmocka_unit_test(an_ed25519_key_in_pem_form_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
