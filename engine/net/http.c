#include "net/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/http_failure.h"

struct http_client {
	uv_loop_t *loop;
	uv_timer_t timer; /* curl's one timer for all transfers */
	CURLM *multi;
	CURLSH *share; /* TLS sessions, so that fresh connections shake hands shorter */
	char *ca_file, *user_agent;
	struct http_call *calls;
	bool closing; /* freed when the timer's handle has closed */
};

struct http_call {
	struct http_client *client;
	struct http_call *next;
	CURL *easy;
	struct curl_slist *headers;
	struct text body;
	char *origin;
	char detail[CURL_ERROR_SIZE];
	int limit_ms;
	http_done *done;
	void *ctx;
};

/*
 * What curl reads at a time. Its own choice of 16 KiB is held by every transfer under way, and most
 * replies are shorter than this.
 */
enum { READ_SIZE = 4096 };

/* One of curl's sockets, watched on the loop. */
struct http_socket {
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t fd;
};

static void unlink_call(struct http_call *call)
{
	struct http_call **at = &call->client->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	curl_multi_remove_handle(call->client->multi, call->easy);
	curl_easy_cleanup(call->easy);
	call->easy = NULL;
}

static void free_call(struct http_call *call)
{
	curl_slist_free_all(call->headers);
	text_release(&call->body);
	free(call->origin);
	free(call);
}

static void copy_header(CURL *easy, const char *name, char *ret, size_t size)
{
	struct curl_header *h;

	ret[0] = '\0';
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK)
		text_copy(ret, size, h->value);
}

static void answer_failure(struct http_call *call, CURLcode code)
{
	auto_error err = ERROR_INIT;
	const struct http_transfer t = {
		.easy = call->easy,
		.origin = call->origin,
		.detail = call->detail,
		.limit_ms = call->limit_ms,
		.reply_cap = call->body.limit,
		.too_large = call->body.cut,
	};

	http_explain(&t, code, &err);
	unlink_call(call);
	call->done(call->ctx, NULL, &err);
}

static int status_of(CURL *easy)
{
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static void answer_reply(struct http_call *call)
{
	char date[64], request_id[128];
	const struct http_reply reply = {
		.status = status_of(call->easy),
		.body = call->body.bytes,
		.body_len = call->body.len,
		.date = date,
		.request_id = request_id,
	};

	copy_header(call->easy, "date", date, sizeof(date));
	copy_header(call->easy, "x-amzn-requestid", request_id, sizeof(request_id));
	unlink_call(call);
	call->done(call->ctx, &reply, NULL);
}

/* Answers what has ended. An answer may send, cancel and close. */
static void collect(struct http_client *c)
{
	struct http_call *call;
	CURLMsg *m;
	int left;

	while (!c->closing && (m = curl_multi_info_read(c->multi, &left))) {
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		if (code == CURLE_OK)
			answer_reply(call);
		else
			answer_failure(call, code);
		free_call(call);
	}
}

static void on_timeout(uv_timer_t *timer)
{
	struct http_client *c = timer->data;
	int running;

	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(c);
}

/* curl forbids calling back into it from here, so even a timeout of 0 goes through the loop. */
static int on_curl_timer(CURLM *multi, long timeout_ms, void *self)
{
	struct http_client *c = self;

	(void)multi;
	if (c->closing)
		return 0;
	if (timeout_ms < 0)
		uv_timer_stop(&c->timer);
	else
		uv_timer_start(&c->timer, on_timeout, (uint64_t)timeout_ms, 0);
	return 0;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct http_socket *s = poll->data;
	struct http_client *c = s->client;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;

	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(c->multi, s->fd, flags, &running); /* may end s */
	collect(c);
}

static void on_poll_closed(uv_handle_t *h)
{
	free(h->data);
}

static struct http_socket *socket_new(struct http_client *c, curl_socket_t fd)
{
	struct http_socket *s = alloc_zeroed(1, sizeof(*s));

	s->client = c;
	s->fd = fd;
	if (uv_poll_init_socket(c->loop, &s->poll, fd) < 0)
		abort(); /* only for a descriptor that the kernel cannot poll */
	s->poll.data = s;
	return s;
}

/* curl tells which sockets it wants watched; it says REMOVE before it closes one. */
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *self, void *socket)
{
	struct http_client *c = self;
	struct http_socket *s = socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s) {
			uv_poll_stop(&s->poll);
			uv_close((uv_handle_t *)&s->poll, on_poll_closed);
		}
		return 0;
	}
	if (!s) {
		s = socket_new(c, fd);
		curl_multi_assign(c->multi, fd, s);
	}
	uv_poll_start(&s->poll,
		(what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0), on_poll);
	return 0;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *self)
{
	struct http_call *call = self;

	(void)one;
	text_add_bytes(&call->body, bytes, len);
	return call->body.cut ? 0 : len; /* 0 ends the transfer */
}

/* Scheme, host and port of a URL: what messages may show. */
static char *origin_of(const char *url)
{
	const char *host = strstr(url, "://");
	size_t len = host ? (size_t)(host - url) + 3 : 0;
	char *origin;

	len += strcspn(url + len, "/?#");
	origin = strndup(url, len);
	if (!origin)
		abort();
	return origin;
}

static void add_header(struct http_call *call, const char *name, const char *value)
{
	auto_free char *line = NULL;
	struct curl_slist *longer;

	assert(!strpbrk(name, "\r\n:") && !strpbrk(value, "\r\n"));
	/* "Name;" is curl's way to write a header without a value; "Name:" would leave it out. */
	if (asprintf(&line, value[0] ? "%s: %s" : "%s;", name, value) < 0)
		abort();
	longer = curl_slist_append(call->headers, line);
	if (!longer)
		abort();
	call->headers = longer;
}

/* curl's own Accept, Content-Type and Expect are left out, unless the caller gives them. */
static void set_headers(struct http_call *call, const struct http_request *r)
{
	static const char *const UNWANTED[] = { "Accept:", "Content-Type:", "Expect:" };

	for (size_t i = 0; i < ARRAY_SIZE(UNWANTED); i++) {
		struct curl_slist *longer = curl_slist_append(call->headers, UNWANTED[i]);

		if (!longer)
			abort();
		call->headers = longer;
	}
	for (size_t i = 0; i < r->header_count; i++)
		add_header(call, r->headers[i].name, r->headers[i].value);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_method(CURL *easy, const struct http_request *r)
{
	if (!strcmp(r->method, "GET")) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	} else if (!strcmp(r->method, "HEAD")) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, r->body ? r->body : "");
	}
}

static void set_connection(CURL *easy, const struct http_client *c, const struct http_request *r)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_SHARE, c->share);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)READ_SIZE);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, (long)r->fresh);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, (long)r->fresh);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_limit_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->limit_ms);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, c->user_agent);
}

/* curl keeps TLS sessions apart by these files: what is shared is never another certificate's. */
static void set_tls(CURL *easy, const struct http_client *c, const struct http_client_tls *tls)
{
	const char *ca_file = tls->ca_file ? tls->ca_file : c->ca_file;

	if (ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	if (!tls->certificate)
		return;
	curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate);
	curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key);
}

struct http_call *http_send(struct http_client *c, const struct http_request *r, http_done *done, void *ctx)
{
	struct http_call *call = alloc_zeroed(1, sizeof(*call));

	call->easy = curl_easy_init();
	if (!call->easy)
		abort();
	call->client = c;
	call->limit_ms = r->limit_ms;
	call->origin = origin_of(r->url);
	call->done = done;
	call->ctx = ctx;
	text_init(&call->body, r->reply_cap);
	curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(call->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->detail);
	curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	set_connection(call->easy, c, r);
	set_tls(call->easy, c, &r->tls);
	set_method(call->easy, r);
	set_headers(call, r);
	call->next = c->calls;
	c->calls = call;
	if (curl_multi_add_handle(c->multi, call->easy) != CURLM_OK)
		abort();
	return call;
}

void http_cancel(struct http_call *call)
{
	unlink_call(call);
	free_call(call);
}

bool http_client_open(
	uv_loop_t *loop, const struct http_options *o, struct http_client **ret, struct error *err)
{
	struct http_client *c;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERROR_LOCAL, "could not initialise libcurl");
	c = alloc_zeroed(1, sizeof(*c));
	if (!(c->multi = curl_multi_init()) || !(c->share = curl_share_init()))
		abort();
	c->loop = loop;
	c->ca_file = alloc_text(o->ca_file);
	c->user_agent = alloc_text(o->user_agent);
	uv_timer_init(loop, &c->timer);
	c->timer.data = c;
	curl_share_setopt(c->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	*ret = c;
	return true;
}

static void on_client_closed(uv_handle_t *timer)
{
	struct http_client *c = timer->data;

	free(c->ca_file);
	free(c->user_agent);
	free(c);
}

void http_client_close(struct http_client *c)
{
	c->closing = true;
	while (c->calls)
		http_cancel(c->calls);
	curl_multi_cleanup(c->multi);
	curl_share_cleanup(c->share);
	curl_global_cleanup();
	uv_close((uv_handle_t *)&c->timer, on_client_closed);
}
