/* version.c: `changeover version`, with the versions of the libraries that this process runs with. */
#include <curl/curl.h>
#include <expat.h>
#include <jansson.h>
#include <libssh2.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <uv.h>
#include <yaml.h>

#include "cli/commands.h"
#include "cli/message.h"
#include "cli/version.h"
#include "report/member.h"

static const char *curl(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}

static const char *openssl(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

static const char *libssh2(void)
{
	return libssh2_version(0);
}

static const struct {
	const char *name;
	const char *(*version)(void);
} LIBRARIES[] = {
	{ "libcurl", curl },
	{ "openssl", openssl },
	{ "libssh2", libssh2 },
	{ "sqlite", sqlite3_libversion },
	{ "libuv", uv_version_string },
	{ "jansson", jansson_version_str },
	{ "libyaml", yaml_get_version_string },
	{ "expat", XML_ExpatVersion },
	{ "libmicrohttpd", MHD_get_version },
};

static void print_json(const struct cli *cli)
{
	json_auto_t *document = json_object();
	json_t *libraries = json_object();

	member_text(document, "version", CHANGEOVER_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(LIBRARIES); i++)
		member_text(libraries, LIBRARIES[i].name, LIBRARIES[i].version());
	json_object_set_new(document, "libraries", libraries);
	message_document(cli, document);
}

static enum exit_code version_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	(void)settings, (void)args;
	if (cli->shared.json) {
		print_json(cli);
		return EXIT_DONE;
	}
	fprintf(cli->out, "changeover %s\n", CHANGEOVER_VERSION);
	for (size_t i = 0; cli->shared.verbose && i < ARRAY_SIZE(LIBRARIES); i++)
		fprintf(cli->out, "  %-14s %s\n", LIBRARIES[i].name, LIBRARIES[i].version());
	return EXIT_DONE;
}

const struct command command_version = {
	.name = "version",
	.summary = "Print the version",
	.help = "With --verbose or --json, also the versions of the libraries that it runs with.",
	.exits = { EXIT_DONE },
	.run = version_run,
};
