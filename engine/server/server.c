#include "server/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/file.h"
#include "base/secret.h"
#include "server/service.h"

enum { TICK_MS = 1000 };
enum { PEM_MAX = 1024 * 1024, PASSWORD_MAX = 1024, BODY_MAX = 64 * 1024, ANSWER_MAX = 64 * 1024 * 1024 };

struct server {
	const struct server_options *options;
	struct arena arena;
	struct service_options service_options;
	struct service *service;
	struct http_server *http;
	const char *host; /* in the arena */
	int port;
	struct peer address; /* where it listens */
	struct secret password;
	uv_loop_t loop;
	uv_signal_t signals[2];
	uv_timer_t tick;
};

static void on_signal(uv_signal_t *signal, int number)
{
	struct server *s = signal->data;

	(void)number;
	uv_stop(&s->loop);
}

static void on_trouble(void *ctx, const char *text)
{
	struct server *s = ctx;

	fprintf(s->options->messages, "serve: %s\n", text);
	fflush(s->options->messages);
}

static void on_tick(uv_timer_t *t)
{
	const struct server *s = t->data;

	service_tick(s->service);
}

/* Cuts "127.0.0.1:8443" or "[::1]:8443" in two. */
static bool split_address(struct server *s, struct error *err)
{
	const char *words = s->options->listen;
	char *address = arena_copy(&s->arena, words), *colon = strrchr(address, ':'), *end = NULL;
	long port = colon ? strtol(colon + 1, &end, 10) : -1;

	if (port < 0 || port > 65535 || end == colon + 1 || *end) {
		error_set(err, ERROR_USAGE, "--listen: `%s` does not end in a port", words);
		return error_hint(err, "as in --listen 127.0.0.1:8443 or --listen [::1]:8443");
	}
	*colon = '\0';
	if (*address == '[' && colon > address && colon[-1] == ']') {
		colon[-1] = '\0';
		address++;
	}
	s->host = address;
	s->port = (int)port;
	return true;
}

static bool is_loopback(const struct peer *p)
{
	if (p->address.any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&p->address.v6.sin6_addr);
	return ntohl(p->address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* Combinations that would let anybody in, or nobody. */
static bool check(const struct server_options *o, struct error *err)
{
	if (!o->tls_certificate != !o->tls_key)
		return error_set(err, ERROR_USAGE, "--tls-certificate and --tls-key go together");
	if (o->client_ca && !o->tls_certificate)
		return error_set(err, ERROR_USAGE, "--client-ca needs --tls-certificate and --tls-key");
	if (o->anonymous_fleetlock && !o->client_ca)
		return error_set(err, ERROR_USAGE,
			"--anonymous-fleetlock says nothing without --client-ca: no certificates are asked "
			"for");
	return true;
}

static bool check_exposure(const struct server *s, struct error *err)
{
	if (s->options->tls_certificate || is_loopback(&s->address))
		return true;
	error_set(err, ERROR_USAGE, "%s is no loopback address: TLS is needed there", s->address.text);
	return error_hint(err, "give --tls-certificate and --tls-key, and --client-ca to know who asks");
}

/* A file's text; empty for no file. */
static bool read_secret(const char *path, size_t most, struct secret *ret, struct error *err)
{
	auto_text bytes = { .bytes = NULL };
	bool read;

	if (!path)
		return true;
	text_init(&bytes, most);
	read = file_read(path, &bytes, err);
	if (read)
		secret_set(ret, bytes.bytes, bytes.len);
	explicit_bzero(bytes.bytes, bytes.len);
	return read;
}

/* The first line of its file. */
static bool read_password(struct server *s, struct error *err)
{
	const char *path = s->options->password_file;
	auto_secret whole = SECRET_INIT;

	if (!path)
		return true;
	if (!read_secret(path, PASSWORD_MAX, &whole, err))
		return false;
	secret_set(&s->password, secret_reveal(&whole), strcspn(secret_reveal(&whole), "\r\n"));
	if (secret_is_empty(&s->password))
		return error_set(err, ERROR_USAGE, "the file %s holds no password", path);
	return true;
}

static bool open_service(struct server *s, struct error *err)
{
	const struct server_options *o = s->options;

	s->service_options = (struct service_options){
		.journal = o->journal,
		.password = &s->password,
		.fleetlock_needs_certificate = o->client_ca && !o->anonymous_fleetlock,
		.clock = o->clock,
		.trouble = on_trouble,
		.ctx = s,
	};
	return lock_slots_read(o->slots, &s->arena, &s->service_options.slots, err) &&
	       read_password(s, err) && service_open(&s->service_options, &s->service, err);
}

/* What the PEM files say, while the server is opened. */
struct pem {
	struct secret certificate, key, client_ca;
};

static bool read_pem(const struct server_options *o, struct pem *ret, struct error *err)
{
	return read_secret(o->tls_certificate, PEM_MAX, &ret->certificate, err) &&
	       read_secret(o->tls_key, PEM_MAX, &ret->key, err) &&
	       read_secret(o->client_ca, PEM_MAX, &ret->client_ca, err);
}

static bool start_http(struct server *s, int fd, const struct pem *pem, struct error *err)
{
	const struct http_server_tls tls = {
		.certificate = secret_reveal(&pem->certificate),
		.key = secret_reveal(&pem->key),
		.client_ca = s->options->client_ca ? secret_reveal(&pem->client_ca) : NULL,
	};
	const struct http_server_options http = {
		.fd = fd,
		.on_request = service_request,
		.on_rest = service_rest,
		.ctx = s->service,
		.body_max = BODY_MAX,
		.answer_max = ANSWER_MAX,
		.tls = s->options->tls_certificate ? &tls : NULL,
	};

	return http_server_open(&s->loop, &http, &s->http, err);
}

static bool open_http(struct server *s, int fd, struct error *err)
{
	struct pem pem = { .certificate = SECRET_INIT };
	bool opened = read_pem(s->options, &pem, err);

	if (opened)
		opened = start_http(s, fd, &pem, err);
	else
		close(fd);
	secret_release(&pem.certificate);
	secret_release(&pem.key);
	secret_release(&pem.client_ca);
	return opened;
}

static bool open_all(struct server *s, struct error *err)
{
	int fd;

	if (!check(s->options, err) || !split_address(s, err) || !open_service(s, err) ||
		!http_listen(s->host, s->port, &fd, &s->address, err))
		return false;
	if (!check_exposure(s, err)) {
		close(fd);
		return false;
	}
	return open_http(s, fd, err);
}

static void start_signals(struct server *s)
{
	static const int SIGNALS[] = { SIGINT, SIGTERM };

	/* A write to a client that is gone is an error, not our end; libuv does not see to that. */
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(SIGNALS); i++) {
		uv_signal_init(&s->loop, &s->signals[i]);
		s->signals[i].data = s;
		uv_signal_start(&s->signals[i], on_signal, SIGNALS[i]);
	}
}

static void say_ready(const struct server *s)
{
	fprintf(s->options->out, "serve: listening on %s://%s (locks in %s)\n",
		s->options->tls_certificate ? "https" : "http", s->address.text,
		journal_path(s->options->journal));
	fflush(s->options->out);
}

/* In the opposite order; each part may be missing if opening failed before it. */
static void take_down(struct server *s)
{
	http_server_close(s->http);
	for (size_t i = 0; i < ARRAY_SIZE(s->signals); i++)
		uv_close((uv_handle_t *)&s->signals[i], NULL);
	uv_close((uv_handle_t *)&s->tick, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
	service_close(s->service);
	secret_release(&s->password);
	arena_release(&s->arena);
}

bool server_run(const struct server_options *o, struct error *err)
{
	struct server s = { .options = o };
	bool open;

	uv_loop_init(&s.loop);
	uv_timer_init(&s.loop, &s.tick);
	s.tick.data = &s;
	start_signals(&s);
	open = open_all(&s, err);
	if (open) {
		uv_timer_start(&s.tick, on_tick, TICK_MS, TICK_MS);
		say_ready(&s);
		uv_run(&s.loop, UV_RUN_DEFAULT);
	}
	take_down(&s);
	return open;
}
