/*
 * ssh_command.c: commands on a session, one after the other, each on a channel of its own. The
 * next channel is opened as soon as the last one is done with, so that a command need not wait for
 * that; reading the spare channel is also how libssh2 gets to answer the server's keepalives.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/ssh_session.h"

enum {
	CHUNK_SIZE = 16 * 1024,
	PACKET_SIZE = 4 * 1024, /* sent at once: libssh2 keeps a page for every 4 KiB of the largest */
	ROUNDS_AT_ONCE = 32,    /* then the loop's other work has its turn */
	FREE_LIMIT_MS = 5000,   /* for the server to confirm that a channel is closed */
};

struct ssh_job {
	struct ssh_job *next;
	char *line, *input;
	size_t input_len, input_sent;
	bool limited;    /* its limit runs */
	bool sent;       /* the server may have seen it */
	bool input_done; /* and the end of input sent */
	size_t turn;     /* the transfer that libssh2 must be asked about first */
	int limit_ms;
	struct text out, errors;
	ssh_done *done;
	void *ctx;
};

static void free_job(struct ssh_job *job)
{
	if (job->input)
		explicit_bzero(job->input, job->input_len);
	free(job->line);
	free(job->input);
	text_release(&job->out);
	text_release(&job->errors);
	free(job);
}

static struct ssh_job *take_first(struct ssh_commands *c)
{
	struct ssh_job *job = c->first;

	c->first = job->next;
	if (!c->first)
		c->last = NULL;
	return job;
}

static void answer(struct ssh_job *job, const struct ssh_result *result, const struct error *err)
{
	job->done(job->ctx, result, err);
	free_job(job);
}

/* The command under way is done with; its channel is not, but soon is or the session is given up. */
static struct ssh_job *end_first(struct ssh_session *s)
{
	s->commands.state = CHANNEL_FREEING;
	ssh_limit(s, FREE_LIMIT_MS);
	ssh_wake(s);
	return take_first(&s->commands);
}

/*
 * sshd confirms that a channel is closed when its command has ended. That of a command past its limit is
 * left to libssh2, which frees it with the session: the next command does not wait for it.
 */
static struct ssh_job *leave_first(struct ssh_session *s)
{
	s->commands.channel = NULL;
	s->commands.state = CHANNEL_OPENING;
	uv_timer_stop(&s->limit);
	ssh_wake(s);
	return take_first(&s->commands);
}

/* ---- the states of the channel: each goes as far as it can, and sets the next one ---- */

static enum ssh_progress opening(struct ssh_session *s, struct error *err)
{
	s->commands.channel = libssh2_channel_open_session(s->ssh);
	if (s->commands.channel) {
		s->commands.state = CHANNEL_SPARE;
		return SSH_DONE;
	}
	if (libssh2_session_last_errno(s->ssh) == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	ssh_explain(s, err, "could not open a channel");
	return SSH_FAILED;
}

static enum ssh_progress spare(struct ssh_session *s, struct error *err)
{
	char byte;
	ssize_t n;

	if (s->commands.first) {
		s->commands.state = CHANNEL_STARTING;
		return SSH_DONE;
	}
	n = libssh2_channel_read(s->commands.channel, &byte, 1);
	if (n == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	if (n < 0)
		ssh_explain(s, err, "while idle");
	else
		error_set(err, ERROR_REMOTE, "%s: the machine closed the session", s->peer.text);
	return SSH_FAILED;
}

static enum ssh_progress starting(struct ssh_session *s, struct error *err)
{
	struct ssh_job *job = s->commands.first;
	auto_error refused = ERROR_INIT;
	int code;

	job->sent = true;
	code = libssh2_channel_process_startup(
		s->commands.channel, "exec", 4, job->line, (unsigned int)strlen(job->line));
	if (code == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	if (!code) {
		s->commands.state = CHANNEL_RUNNING;
		return SSH_DONE;
	}
	if (code != LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED) {
		ssh_explain(s, err, "while a command was started");
		return SSH_FAILED;
	}
	error_set(
		&refused, ERROR_DENIED, "%s does not let user %s run commands", s->peer.text, s->target.user);
	answer(end_first(s), NULL, &refused);
	return SSH_WAITS;
}

/* A transfer moves one chunk: > 0 if something moved, 0 if there is nothing to do, else libssh2's error. */
static ssize_t send_input(struct ssh_session *s, struct ssh_job *job)
{
	LIBSSH2_CHANNEL *channel = s->commands.channel;
	size_t left = job->input_len - job->input_sent;
	ssize_t n;

	if (job->input_done)
		return 0;
	if (left) {
		n = libssh2_channel_write(
			channel, job->input + job->input_sent, left < PACKET_SIZE ? left : PACKET_SIZE);
		if (n > 0)
			job->input_sent += (size_t)n;
	} else {
		n = libssh2_channel_send_eof(channel);
		job->input_done = n == 0;
	}
	if (n != LIBSSH2_ERROR_CHANNEL_CLOSED && n != LIBSSH2_ERROR_CHANNEL_EOF_SENT)
		return n == 0 ? 1 : n;
	job->input_done = true; /* the command ended without reading all of it: that is its right */
	return 0;
}

static ssize_t receive(struct ssh_session *s, int stream, struct text *ret)
{
	char chunk[CHUNK_SIZE];
	ssize_t n = libssh2_channel_read_ex(s->commands.channel, stream, chunk, sizeof(chunk));

	if (n > 0)
		text_add_bytes(ret, chunk, (size_t)n);
	return n;
}

static ssize_t receive_out(struct ssh_session *s, struct ssh_job *job)
{
	return receive(s, 0, &job->out);
}

static ssize_t receive_errors(struct ssh_session *s, struct ssh_job *job)
{
	return receive(s, SSH_EXTENDED_DATA_STDERR, &job->errors);
}

static ssize_t (*const TRANSFERS[])(
	struct ssh_session *, struct ssh_job *) = { send_input, receive_out, receive_errors };

/*
 * One round of all transfers. When libssh2 could not send a whole packet it must be called again
 * with the same packet before any other: the next round begins with that transfer.
 */
static ssize_t transfer(struct ssh_session *s, struct ssh_job *job)
{
	ssize_t moved = 0;

	for (size_t i = 0; i < ARRAY_SIZE(TRANSFERS); i++) {
		size_t turn = (job->turn + i) % ARRAY_SIZE(TRANSFERS);
		ssize_t n = TRANSFERS[turn](s, job);

		if (n > 0)
			moved = 1;
		if (n < 0 && n != LIBSSH2_ERROR_EAGAIN)
			return n;
		if (n < 0 && libssh2_session_block_directions(s->ssh) & LIBSSH2_SESSION_BLOCK_OUTBOUND) {
			job->turn = turn;
			return LIBSSH2_ERROR_EAGAIN;
		}
	}
	return moved;
}

/*
 * Reading one stream takes all that the socket has, the other one's bytes too, and the end that follows them. What came
 * in after that one was asked lies there unread, and no socket will tell of it.
 */
static bool has_unread(LIBSSH2_CHANNEL *channel)
{
	unsigned long bytes = 0;

	libssh2_channel_window_read_ex(channel, &bytes, NULL);
	return bytes > 0;
}

static enum ssh_progress running(struct ssh_session *s, struct error *err)
{
	struct ssh_job *job = s->commands.first;

	for (int round = 0; round < ROUNDS_AT_ONCE; round++) {
		ssize_t moved = transfer(s, job);

		if (moved < 0 && moved != LIBSSH2_ERROR_EAGAIN) {
			ssh_explain(s, err, "while a command ran");
			return SSH_FAILED;
		}
		if (libssh2_channel_eof(s->commands.channel)) {
			s->commands.state = CHANNEL_ENDING;
			return SSH_DONE;
		}
		if (moved < 0 || (!moved && !has_unread(s->commands.channel)))
			return SSH_WAITS;
	}
	ssh_wake(s); /* more may lie in libssh2's memory, which the socket does not show */
	return SSH_WAITS;
}

static void answer_result(struct ssh_session *s, struct ssh_job *job)
{
	char *signal = NULL;
	struct ssh_result result = {
		.signal = "",
		.out = job->out.bytes,
		.errors = job->errors.bytes,
		.out_len = job->out.len,
		.errors_len = job->errors.len,
		.cut = job->out.cut || job->errors.cut,
	};
	char name[32] = "";

	result.exit_code = libssh2_channel_get_exit_status(s->commands.channel);
	libssh2_channel_get_exit_signal(s->commands.channel, &signal, NULL, NULL, NULL, NULL, NULL);
	if (signal) {
		result.exit_code = -1;
		text_copy(name, sizeof(name), signal);
		libssh2_free(s->ssh, signal);
	}
	result.signal = name;
	answer(job, &result, NULL);
}

static enum ssh_progress ending(struct ssh_session *s, struct error *err)
{
	int code = libssh2_channel_wait_closed(s->commands.channel);

	if (code == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	if (code) {
		ssh_explain(s, err, "while a command ended");
		return SSH_FAILED;
	}
	answer_result(s, end_first(s));
	return SSH_WAITS; /* what follows can wait until the answer's consequences are begun */
}

static enum ssh_progress freeing(struct ssh_session *s, struct error *err)
{
	int code = libssh2_channel_free(s->commands.channel);

	if (code == LIBSSH2_ERROR_EAGAIN)
		return SSH_WAITS;
	s->commands.channel = NULL;
	if (code) {
		ssh_explain(s, err, "while a channel was closed");
		return SSH_FAILED;
	}
	uv_timer_stop(&s->limit);
	s->commands.state = CHANNEL_OPENING;
	return SSH_DONE;
}

static enum ssh_progress (*const STATES[])(struct ssh_session *, struct error *) = {
	[CHANNEL_OPENING] = opening,
	[CHANNEL_SPARE] = spare,
	[CHANNEL_STARTING] = starting,
	[CHANNEL_RUNNING] = running,
	[CHANNEL_ENDING] = ending,
	[CHANNEL_FREEING] = freeing,
};

static void begin_limit(struct ssh_session *s)
{
	struct ssh_job *job = s->commands.first;

	if (!job || job->limited || s->commands.state == CHANNEL_FREEING)
		return;
	job->limited = true;
	ssh_limit(s, job->limit_ms);
}

enum ssh_progress ssh_serve(struct ssh_session *s, struct error *err)
{
	enum ssh_progress progress = SSH_DONE;

	while (progress == SSH_DONE) {
		begin_limit(s);
		progress = STATES[s->commands.state](s, err);
	}
	return progress;
}

void ssh_command_timed_out(struct ssh_session *s)
{
	auto_error err = ERROR_INIT;

	if (s->commands.state != CHANNEL_RUNNING && s->commands.state != CHANNEL_ENDING) {
		/* The server does not even open, start or close a channel: nothing will come from it. */
		error_set(&err, ERROR_TIMEOUT, "%s: the machine stopped answering", s->peer.text);
		ssh_break(s, &err);
		return;
	}
	error_set(&err, ERROR_TIMEOUT, "%s: the command did not end within %d ms", s->peer.text,
		s->commands.first->limit_ms);
	err.happened = HAPPENED_UNKNOWN;
	answer(leave_first(s), NULL, &err);
}

void ssh_fail_commands(struct ssh_session *s)
{
	while (s->commands.first && !s->closing) {
		struct ssh_job *job = take_first(&s->commands);
		auto_error err = ERROR_INIT;

		error_copy(&err, &s->failure);
		err.happened = job->sent ? HAPPENED_UNKNOWN : HAPPENED_NO;
		answer(job, NULL, &err);
	}
}

void ssh_drop_commands(struct ssh_session *s)
{
	while (s->commands.first)
		free_job(take_first(&s->commands));
}

void ssh_run(struct ssh_session *s, const struct ssh_command *c, ssh_done *done, void *ctx)
{
	struct ssh_job *job = alloc_zeroed(1, sizeof(*job));

	job->line = alloc_text(c->line);
	job->input = alloc_zeroed(1, c->input_len + 1);
	if (c->input_len)
		memcpy(job->input, c->input, c->input_len);
	job->input_len = c->input_len;
	job->limit_ms = c->limit_ms;
	job->done = done;
	job->ctx = ctx;
	text_init(&job->out, c->output_cap);
	text_init(&job->errors, c->output_cap);
	*(s->commands.last ? &s->commands.last->next : &s->commands.first) = job;
	s->commands.last = job;
	ssh_wake(s);
}
