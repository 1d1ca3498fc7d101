#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/known_hosts.h"

static void assert_found(const char *file, const char *host, int port, const char *expected)
{
	auto_text keys, revoked;

	text_init(&keys, 4096);
	text_init(&revoked, 4096);
	known_hosts_find(file, host, port, &keys, &revoked);
	assert_string_equal(keys.bytes, expected);
	assert_string_equal(revoked.bytes, "");
}

static void a_host_is_found_by_each_of_its_names(void **state)
{
	static const char FILE_TEXT[] = "# a comment\n"
					"\n"
					"db.example.com,10.0.0.5 ssh-ed25519 AAAA db\n"
					"other ssh-ed25519 BBBB\r\n"
					"10.0.0.5\tecdsa-sha2-nistp256  CCCC";

	(void)state;
	assert_found(FILE_TEXT, "10.0.0.5", 22, "ssh-ed25519 AAAA\necdsa-sha2-nistp256 CCCC\n");
	assert_found(FILE_TEXT, "DB.example.com", 22, "ssh-ed25519 AAAA\n");
	assert_found(FILE_TEXT, "other", 22, "ssh-ed25519 BBBB\n");
	assert_found(FILE_TEXT, "10.0.0.50", 22, "");
	assert_found(FILE_TEXT, "10.0.0.5", 2222, "");
}

static void another_port_is_another_host(void **state)
{
	(void)state;
	assert_found("[10.0.0.5]:2222 ssh-ed25519 AAAA\n", "10.0.0.5", 2222, "ssh-ed25519 AAAA\n");
	assert_found("[10.0.0.5]:2222 ssh-ed25519 AAAA\n", "10.0.0.5", 22, "");
	assert_found("[2001:db8::5]:2222 ssh-ed25519 AAAA\n", "2001:db8::5", 2222, "ssh-ed25519 AAAA\n");
}

static void wildcards_match_and_negations_exclude(void **state)
{
	static const char FILE_TEXT[] = "10.0.*,!10.0.9.? ssh-ed25519 AAAA\n";

	(void)state;
	assert_found(FILE_TEXT, "10.0.1.7", 22, "ssh-ed25519 AAAA\n");
	assert_found(FILE_TEXT, "10.0.9.7", 22, "");
	assert_found(FILE_TEXT, "10.0.9.77", 22, "ssh-ed25519 AAAA\n");
	assert_found(FILE_TEXT, "10.1.9.7", 22, "");
}

/* Made by ssh-keygen -H of OpenSSH 9.2. */
static void hashed_names_are_found(void **state)
{
	static const char FILE_TEXT[] =
		"|1|KhRGXaJ0T/iZkfQnjcNYOjszE5M=|etpN+45OvjbmlH3jmD6DA4FiPqw= ssh-ed25519 AAAA\n"
		"|1|broken ssh-ed25519 BBBB\n"
		"|1| ssh-ed25519 BBBB\n";

	(void)state;
	assert_found(FILE_TEXT, "10.0.0.5", 2222, "ssh-ed25519 AAAA\n");
	assert_found(FILE_TEXT, "10.0.0.6", 2222, "");
}

static void revoked_keys_are_told_apart_and_authorities_left_out(void **state)
{
	auto_text keys, revoked;

	(void)state;
	text_init(&keys, 4096);
	text_init(&revoked, 4096);
	known_hosts_find(
		"@cert-authority * ssh-ed25519 CCCC\n@revoked * ssh-ed25519 AAAA\nhost ssh-ed25519 AAAA\n",
		"host", 22, &keys, &revoked);
	assert_string_equal(keys.bytes, "ssh-ed25519 AAAA\n");
	assert_string_equal(revoked.bytes, "ssh-ed25519 AAAA\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_found_by_each_of_its_names),
		cmocka_unit_test(another_port_is_another_host),
		cmocka_unit_test(wildcards_match_and_negations_exclude),
		cmocka_unit_test(hashed_names_are_found),
		cmocka_unit_test(revoked_keys_are_told_apart_and_authorities_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
