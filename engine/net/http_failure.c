#include "net/http_failure.h"

#include <string.h>

struct meaning {
	CURLcode code;
	enum error_kind kind;
	const char *text;
	bool with_detail; /* curl's own words say more */
	const char *hint;
};

static const char HINT_TRUST[] =
	"if a private authority signed the server's certificate, name the authority's file "
	"in AWS_CA_BUNDLE";

static const struct meaning MEANINGS[] = {
	{ CURLE_URL_MALFORMAT, ERROR_USAGE, "not a URL", false, NULL },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERROR_USAGE, "not an http or https URL", false, NULL },
	{ CURLE_COULDNT_RESOLVE_PROXY, ERROR_REMOTE, "the proxy's name was not found", false,
		"check https_proxy and no_proxy" },
	{ CURLE_COULDNT_RESOLVE_HOST, ERROR_REMOTE, "the name was not found", false,
		"check the region or endpoint URL, and this machine's name resolution" },
	{ CURLE_COULDNT_CONNECT, ERROR_REMOTE, "could not connect", false,
		"check that the address is right, that something listens there and that a proxy is not "
		"needed" },
	{ CURLE_PEER_FAILED_VERIFICATION, ERROR_DENIED, "the TLS certificate is not trusted", true,
		HINT_TRUST },
	{ CURLE_SSL_CACERT_BADFILE, ERROR_LOCAL, "the file of trusted certificates could not be read", true,
		HINT_TRUST },
	{ CURLE_SSL_CERTPROBLEM, ERROR_LOCAL, "our TLS certificate or its key could not be used", true,
		"both are PEM files that this user can read, and the key is the certificate's" },
	{ CURLE_SSL_CONNECT_ERROR, ERROR_REMOTE, "TLS could not be agreed on", true,
		"check that the port speaks HTTPS" },
	{ CURLE_GOT_NOTHING, ERROR_REMOTE, "the server closed the connection without a reply", false, NULL },
	{ CURLE_SEND_ERROR, ERROR_REMOTE, "the connection broke while the request was sent", false, NULL },
	{ CURLE_RECV_ERROR, ERROR_REMOTE, "the connection broke before the reply was complete", false, NULL },
	{ CURLE_PARTIAL_FILE, ERROR_REMOTE, "the reply ended early", false, NULL },
	{ CURLE_WEIRD_SERVER_REPLY, ERROR_REMOTE, "the reply is not HTTP", false,
		"check the port and the scheme" },
};

static const struct meaning UNLISTED = { CURLE_OK, ERROR_REMOTE, "the request failed", true, NULL };

static const struct meaning *find_meaning(CURLcode code)
{
	for (size_t i = 0; i < ARRAY_SIZE(MEANINGS); i++)
		if (MEANINGS[i].code == code)
			return &MEANINGS[i];
	return &UNLISTED;
}

/*
 * Until the first byte of the request has left there is nothing that the server could have acted on.
 * From then on only a reply could tell.
 */
static enum error_happened happened(CURL *easy)
{
	long request_bytes = 0;

	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request_bytes);
	return request_bytes > 0 ? HAPPENED_UNKNOWN : HAPPENED_NO;
}

static void explain_timeout(const struct http_transfer *t, struct error *err)
{
	curl_off_t connected_us = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	if (!connected_us)
		error_set(err, ERROR_TIMEOUT, "%s: no connection in time", t->origin);
	else if (happened(t->easy) == HAPPENED_NO)
		error_set(err, ERROR_TIMEOUT, "%s: TLS was not agreed on in time", t->origin);
	else
		error_set(err, ERROR_TIMEOUT, "%s: no complete reply within %d ms", t->origin, t->limit_ms);
}

static void explain_connect(const struct http_transfer *t, const struct meaning *m, struct error *err)
{
	long errnum = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &errnum);
	if (errnum)
		error_set_errno(err, m->kind, (int)errnum, "%s: %s", t->origin, m->text);
	else
		error_set(err, m->kind, "%s: %s", t->origin, m->text);
}

bool http_explain(const struct http_transfer *t, CURLcode code, struct error *err)
{
	const struct meaning *m = find_meaning(code);

	if (t->too_large) {
		error_set(
			err, ERROR_REMOTE, "%s: the reply is larger than %zu bytes", t->origin, t->reply_cap);
	} else if (code == CURLE_OPERATION_TIMEDOUT) {
		explain_timeout(t, err);
	} else if (code == CURLE_COULDNT_CONNECT) {
		explain_connect(t, m, err);
	} else if (m->with_detail) {
		error_set(err, m->kind, "%s: %s: %s", t->origin, m->text,
			t->detail[0] ? t->detail : curl_easy_strerror(code));
	} else {
		error_set(err, m->kind, "%s: %s", t->origin, m->text);
	}
	if (m->hint)
		error_hint(err, m->hint);
	err->happened = happened(t->easy);
	return false;
}
