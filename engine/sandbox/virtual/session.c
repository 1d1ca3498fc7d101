#include "sandbox/virtual/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "wire/form.h"
#include "wire/json.h"

enum { INPUT_MAX = 1024 * 1024, REPLY_MAX = 1024 * 1024, PIECE = 16 * 1024, PAUSE_NS = 50 * 1000 * 1000 };

/* A shell that reads its commands from us; others leave their input alone, as the client may never end it. */
static bool wants_input(const char *line)
{
	return strstr(line, "sh -s") != NULL;
}

static bool read_input(const struct virtual_session *s, struct text *ret, struct error *err)
{
	char piece[PIECE];
	size_t n;

	if (!wants_input(s->line))
		return true;
	while ((n = fread(piece, 1, sizeof(piece), s->in)) > 0)
		text_add_bytes(ret, piece, n);
	return !ret->cut || error_set(err, ERROR_USAGE, "the input is larger than %d bytes", INPUT_MAX);
}

static bool dial(const struct virtual_session *s, int *ret, struct error *err)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		*ret = fd;
		return true;
	}
	error_set_errno(err, ERROR_REMOTE, errno, "could not reach the sandbox");
	if (fd >= 0)
		close(fd);
	return false;
}

static bool send_all(int fd, const struct text *request, struct error *err)
{
	for (size_t sent = 0; sent < request->len;) {
		ssize_t n = send(fd, request->bytes + sent, request->len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			return error_set_errno(err, ERROR_REMOTE, errno, "could not ask the sandbox");
		sent += (size_t)n;
	}
	return true;
}

static void write_request(
	const struct virtual_session *s, const struct text *input, int64_t waited_ms, struct text *ret)
{
	auto_text query = { .bytes = NULL };
	char waited[32];

	snprintf(waited, sizeof(waited), "%" PRId64, waited_ms);
	text_init(&query, INPUT_MAX);
	form_add(&query, "line", s->line);
	form_add(&query, "waited", waited);
	text_addf(ret,
		"POST /_sandbox/guests/%s?%s HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n",
		s->instance_id, query.bytes, input->len);
	text_add_bytes(ret, input->bytes, input->len);
}

/* The reply's body, up to the end of the connection; its status must be 200. */
static bool ask(
	const struct virtual_session *s, const struct text *request, struct text *ret, struct error *err)
{
	char piece[PIECE];
	ssize_t n;
	int fd;

	if (!dial(s, &fd, err))
		return false;
	if (send_all(fd, request, err))
		while ((n = read(fd, piece, sizeof(piece))) > 0)
			text_add_bytes(ret, piece, (size_t)n);
	close(fd);
	if (err->kind != ERROR_NONE)
		return false;
	if (!strstr(ret->bytes, " 200 ") || !strstr(ret->bytes, "\r\n\r\n"))
		return error_set(err, ERROR_MISSING, "%s does not run", s->instance_id);
	return true;
}

static void pass_on(const struct virtual_session *s, const json_t *answer, int *ret_exit)
{
	fputs(json_string_value(json_object_get(answer, "out")), s->out);
	fputs(json_string_value(json_object_get(answer, "errors")), s->errors);
	*ret_exit = (int)json_integer_value(json_object_get(answer, "exit"));
}

static bool ask_once(const struct virtual_session *s, const struct text *input, int64_t waited_ms,
	json_t **ret, struct error *err)
{
	auto_text request = { .bytes = NULL }, reply = { .bytes = NULL };
	const char *body;

	text_init(&request, 2 * INPUT_MAX);
	text_init(&reply, REPLY_MAX);
	write_request(s, input, waited_ms, &request);
	if (!ask(s, &request, &reply, err))
		return false;
	body = strstr(reply.bytes, "\r\n\r\n") + 4;
	return json_read(body, strlen(body), ret, err);
}

/* Asks until the command has come to its end. */
static bool ask_to_the_end(
	const struct virtual_session *s, const struct text *input, json_t **ret, struct error *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int64_t began_ms = clock_mono_ms(s->clock);

	for (;;) {
		json_auto_t *answer = NULL;

		if (!ask_once(s, input, clock_mono_ms(s->clock) - began_ms, &answer, err))
			return false;
		if (!json_is_true(json_object_get(answer, "again"))) {
			*ret = json_incref(answer);
			return true;
		}
		nanosleep(&pause, NULL);
	}
}

bool virtual_session_run(const struct virtual_session *s, int *ret_exit, struct error *err)
{
	auto_text input = { .bytes = NULL };
	json_auto_t *answer = NULL;

	if (!s->line)
		return error_set(err, ERROR_USAGE, "a virtual machine has no terminals: give a command");
	text_init(&input, INPUT_MAX);
	if (!read_input(s, &input, err) || !ask_to_the_end(s, &input, &answer, err))
		return false;
	pass_on(s, answer, ret_exit);
	return true;
}
