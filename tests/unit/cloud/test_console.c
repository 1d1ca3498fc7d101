/* Host keys are taken from a complete block only, the last one, whatever stands between the lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cloud/console.h"
#include "cloud/world.h"

#define BEGIN "-----BEGIN SSH HOST KEY KEYS-----"
#define END "-----END SSH HOST KEY KEYS-----"

static void expect(const char *console, const char *keys)
{
	char found[CLOUD_HOST_KEYS_SIZE];

	assert_int_equal(console_host_keys(console, strlen(console), found, sizeof(found)), keys[0] != '\0');
	assert_string_equal(found, keys);
}

static void keys_between_the_markers_are_found(void **state)
{
	(void)state;
	expect("booting\n" BEGIN
	       "\nssh-ed25519 AAAAC3 root@ip-10-0-0-1\necdsa-sha2-nistp256 AAAAE2= root@x\n" END "\n",
		"ssh-ed25519 AAAAC3\necdsa-sha2-nistp256 AAAAE2=\n");
}

static void carriage_returns_and_kernel_messages_are_passed_over(void **state)
{
	(void)state;
	expect(BEGIN "\r\n[   12.3] eth0: link is up\r\nssh-ed25519 AAAAC3 root@a\r\n" END "\r\n",
		"ssh-ed25519 AAAAC3\n");
}

static void the_last_complete_block_counts(void **state)
{
	(void)state;
	expect(BEGIN "\nssh-ed25519 OLD a\n" END "\n" BEGIN "\nssh-ed25519 NEW b\n" END "\n" BEGIN
		     "\nssh-ed25519 CUT",
		"ssh-ed25519 NEW\n");
}

static void half_a_block_is_no_block(void **state)
{
	(void)state;
	expect(BEGIN "\nssh-ed25519 AAAAC3 a\n", "");
	expect("ssh-ed25519 AAAAC3 a\n" END "\n", "");
	expect("", "");
}

static void what_is_not_a_key_is_not_taken(void **state)
{
	(void)state;
	expect(BEGIN "\nssh-ed25519\nssh-ed25519 \nlogin: AAAA\n256 SHA256:abc root (ED25519)\n" END "\n",
		"");
}

static void keys_that_do_not_fit_are_left_out_whole(void **state)
{
	static const char CONSOLE[] = BEGIN "\nssh-ed25519 AAAAC3\nssh-rsa BBBBBBBBBBBBBBBBBBBB\n" END "\n";
	char found[24];

	(void)state;
	assert_true(console_host_keys(CONSOLE, strlen(CONSOLE), found, sizeof(found)));
	assert_string_equal(found, "ssh-ed25519 AAAAC3\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_between_the_markers_are_found),
		cmocka_unit_test(carriage_returns_and_kernel_messages_are_passed_over),
		cmocka_unit_test(the_last_complete_block_counts),
		cmocka_unit_test(half_a_block_is_no_block),
		cmocka_unit_test(what_is_not_a_key_is_not_taken),
		cmocka_unit_test(keys_that_do_not_fit_are_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
