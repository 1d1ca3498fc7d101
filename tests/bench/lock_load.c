/*
 * lock_load.c: clients that take and give back FleetLock slots as fast as they can, each on a connection of its own
 * that it keeps, one request at a time. Prints as JSON how many were answered, how long they took, and
 * whether ever more held a group than may:
 *
 *	lock_load PORT CLIENTS SECONDS SLOTS [CA CERTIFICATE KEY]
 *
 * Four clients share each slot of a group, so that most requests change something and many are refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>

enum { CLIENTS_MAX = 1024, RIVALS = 4, REPLY_SIZE = 4096, TEN_SECONDS_US = 10 * 1000 * 1000 };

struct client {
	int fd, id, group;
	SSL *tls; /* NULL: plain */
	bool holds;
	int64_t sent_us;
	char reply[REPLY_SIZE];
	size_t len;
};

struct load {
	int port, clients, slots, epoll;
	int64_t until_us;
	SSL_CTX *tls;
	int holders[CLIENTS_MAX]; /* of each group, as far as clients know */
	uint64_t answered, granted, held;
	bool exceeded;
	uint32_t *took; /* how many requests took so many microseconds */
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void connect_client(const struct load *l, struct client *c)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&to, sizeof(to)))
		die("connect");
	if (!l->tls)
		return;
	c->tls = SSL_new(l->tls);
	if (!c->tls || !SSL_set_fd(c->tls, c->fd) || SSL_connect(c->tls) != 1)
		die("TLS");
}

static void send_request(struct client *c)
{
	char body[128], request[512];
	int body_len = snprintf(body, sizeof(body),
		"{\"client_params\":{\"id\":\"client-%d\",\"group\":\"group-%d\"}}", c->id, c->group);
	int len = snprintf(request, sizeof(request),
		"POST /v1/%s HTTP/1.1\r\nHost: localhost\r\nfleet-lock-protocol: true\r\n"
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		c->holds ? "steady-state" : "pre-reboot", body_len, body);
	ssize_t sent = c->tls ? SSL_write(c->tls, request, len) : write(c->fd, request, (size_t)len);

	if (sent != len)
		die("send");
	c->len = 0;
	c->sent_us = now_us();
}

/* True if the whole reply is there: all of ours have a length. */
static bool is_whole(const struct client *c)
{
	const char *end = strstr(c->reply, "\r\n\r\n"), *length = strcasestr(c->reply, "\r\ncontent-length:");

	return end && length && length < end &&
	       c->len >= (size_t)(end + 4 - c->reply) + strtoul(length + 17, NULL, 10);
}

/* Reads what has arrived; true if the reply is whole. */
static bool receive(struct client *c)
{
	do {
		char *to = c->reply + c->len;
		size_t room = sizeof(c->reply) - 1 - c->len;
		ssize_t got = c->tls ? SSL_read(c->tls, to, (int)room) : read(c->fd, to, room);

		if (got <= 0)
			die("receive");
		c->len += (size_t)got;
		c->reply[c->len] = '\0';
	} while (!is_whole(c) && c->tls && SSL_pending(c->tls));
	return is_whole(c);
}

static void note_time(struct load *l, int64_t took_us)
{
	l->took[took_us < TEN_SECONDS_US ? took_us : TEN_SECONDS_US - 1]++;
	l->answered++;
}

/* A slot counts from the yes until it is given back. */
static void take_in(struct load *l, struct client *c)
{
	int status = atoi(c->reply + strlen("HTTP/1.1 "));

	note_time(l, now_us() - c->sent_us);
	if (status != 200 && status != 423)
		die("an answer that is neither yes nor no");
	if (c->holds) {
		c->holds = false;
	} else if (status == 200) {
		c->holds = true;
		l->granted++;
		l->exceeded |= ++l->holders[c->group] > l->slots;
	} else {
		l->held++;
	}
	if (now_us() >= l->until_us)
		return;
	if (c->holds)
		l->holders[c->group]--; /* it is about to be given back */
	send_request(c);
}

static void run(struct load *l, struct client *clients)
{
	struct epoll_event events[CLIENTS_MAX];

	while (now_us() < l->until_us) {
		int count = epoll_wait(l->epoll, events, CLIENTS_MAX, 100);

		for (int i = 0; i < count; i++) {
			struct client *c = &clients[events[i].data.u32];

			if (receive(c))
				take_in(l, c);
		}
	}
}

/* The time within which a share of all requests was answered. */
static double within_ms(const struct load *l, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)l->answered), seen = 0;
	int64_t us = 0;

	while (us < TEN_SECONDS_US - 1 && (seen += l->took[us]) < wanted)
		us++;
	return (double)us / 1000;
}

static void open_tls(struct load *l, char **files)
{
	l->tls = SSL_CTX_new(TLS_client_method());
	if (!l->tls || SSL_CTX_load_verify_locations(l->tls, files[0], NULL) != 1 ||
		SSL_CTX_use_certificate_file(l->tls, files[1], SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_use_PrivateKey_file(l->tls, files[2], SSL_FILETYPE_PEM) != 1)
		die("certificates");
	SSL_CTX_set_verify(l->tls, SSL_VERIFY_PEER, NULL);
}

static void start(struct load *l, struct client *clients, double seconds)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < l->clients; i++) {
		struct epoll_event wanted = { .events = EPOLLIN, .data.u32 = (uint32_t)i };

		clients[i].id = i;
		clients[i].group = i / (RIVALS * l->slots);
		connect_client(l, &clients[i]);
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, clients[i].fd, &wanted);
	}
	l->until_us = now_us() + (int64_t)(seconds * 1e6);
	for (int i = 0; i < l->clients; i++)
		send_request(&clients[i]);
}

int main(int argc, char **argv)
{
	struct load l = { .took = calloc(TEN_SECONDS_US, sizeof(*l.took)) };
	struct client *clients = calloc(CLIENTS_MAX, sizeof(*clients));
	double seconds;

	if ((argc != 5 && argc != 8) || !l.took || !clients) {
		fprintf(stderr, "usage: lock_load PORT CLIENTS SECONDS SLOTS [CA CERTIFICATE KEY]\n");
		return 64;
	}
	l.port = atoi(argv[1]);
	l.clients = atoi(argv[2]);
	seconds = atof(argv[3]);
	l.slots = atoi(argv[4]);
	if (l.clients < 1 || l.clients > CLIENTS_MAX || l.slots < 1)
		return 64;
	if (argc == 8)
		open_tls(&l, argv + 5);
	start(&l, clients, seconds);
	run(&l, clients);
	printf("{\"per_second\": %.0f, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"most_ms\": %.2f, \"granted\": "
	       "%" PRIu64 ", \"held\": %" PRIu64 ", \"limit_exceeded\": %s}\n",
		(double)l.answered / seconds, within_ms(&l, 0.5), within_ms(&l, 0.99), within_ms(&l, 1),
		l.granted, l.held, l.exceeded ? "true" : "false");
	return 0;
}
