/* serve.c: `changeover serve`: the lock service, for machines that ask before they go away. */
#include "cli/commands.h"
#include "cli/message.h"
#include "cli/store.h"
#include "server/server.h"

struct serve_settings {
	const char *listen, *tls_certificate, *tls_key, *client_ca, *password_file, *slots;
	bool anonymous_fleetlock;
};

static enum exit_code serve_run(const struct cli *cli, const void *settings, const struct arguments *args)
{
	const struct serve_settings *s = settings;
	struct server_options o = {
		.listen = s->listen,
		.tls_certificate = s->tls_certificate,
		.tls_key = s->tls_key,
		.client_ca = s->client_ca,
		.password_file = s->password_file,
		.slots = s->slots,
		.anonymous_fleetlock = s->anonymous_fleetlock,
		.out = cli->out,
		.messages = cli->err,
		.clock = cli->clock,
	};
	auto_error err = ERROR_INIT;
	auto_journal *j = NULL;

	(void)args;
	if (!store_open(cli, JOURNAL_WRITE, &j, &err))
		return message_error(cli, &err, NULL);
	o.journal = j;
	return server_run(&o, &err) ? EXIT_DONE : message_error(cli, &err, NULL);
}

static const struct option_row OPTIONS[] = {
	{ .name = "listen",
		.kind = OPTION_TEXT,
		.value = "ADDRESS:PORT",
		.fallback = "127.0.0.1:8443",
		.offset = offsetof(struct serve_settings, listen),
		.help = "where to listen; port 0 is any free one" },
	{ .name = "tls-certificate",
		.kind = OPTION_FILE,
		.value = "FILE",
		.offset = offsetof(struct serve_settings, tls_certificate),
		.help = "the server's certificate with its chain, PEM; without it plain HTTP, on loopback "
			"only" },
	{ .name = "tls-key",
		.kind = OPTION_FILE,
		.value = "FILE",
		.offset = offsetof(struct serve_settings, tls_key),
		.help = "the certificate's key, PEM" },
	{ .name = "client-ca",
		.kind = OPTION_FILE,
		.value = "FILE",
		.offset = offsetof(struct serve_settings, client_ca),
		.help = "who signs the certificates by which machines are known, PEM" },
	{ .name = "anonymous-fleetlock",
		.kind = OPTION_FLAG,
		.offset = offsetof(struct serve_settings, anonymous_fleetlock),
		.help = "FleetLock needs no client certificate (Zincati cannot show one)" },
	{ .name = "slots",
		.kind = OPTION_TEXT,
		.value = "LIST",
		.fallback = "1",
		.offset = offsetof(struct serve_settings, slots),
		.help = "how many machines may hold a lock: NAME=N for one, N for all others, with commas" },
	{ .name = "password-file",
		.kind = OPTION_FILE,
		.value = "FILE",
		.offset = offsetof(struct serve_settings, password_file),
		.help = "the password of administrators, in its first line; without it there are none" },
	{ .name = NULL },
};

static const struct example EXAMPLES[] = {
	{ "changeover serve --listen 0.0.0.0:8443 --tls-certificate host.pem --tls-key host.key --client-ca "
	  "ca.pem",
		"for machines that have certificates of that authority" },
	{ "changeover serve --slots 1,web=3", "for programs on this machine; three of `web` at a time" },
	{ NULL, NULL },
};

const struct command command_serve = {
	.name = "serve",
	.summary = "Run the lock service that machines ask before they go away",
	.help = "Speaks the protocols of Foreman DLM and of FleetLock, which machines use that update or "
		"reboot themselves, and which rebuilds use as well: what holds a lock is away, and no "
		"more than so many of a group may be. A lock of Foreman and a group of FleetLock with the "
		"same name are the same.\n\n"
		"Holders are kept in the journal and keep their slots until they give them back, whatever "
		"happens to this program or to them; `lock list` explains each, `lock release` takes one "
		"away. It ends in order on Ctrl-C.",
	.options = OPTIONS,
	.settings_size = sizeof(struct serve_settings),
	.shares = SHARE_JOURNAL,
	.examples = EXAMPLES,
	.exits = { EXIT_DONE, EXIT_FAILED, EXIT_USAGE },
	.run = serve_run,
};
