#include "web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_MAX = 64 * 1024, BIG = 1000 * 1000 };

struct line {
	int fd;
	SSL *ssl; /* NULL: plain */
};

static int line_read(struct line *l, char *bytes, size_t size)
{
	return l->ssl ? SSL_read(l->ssl, bytes, (int)size) : (int)read(l->fd, bytes, size);
}

static void line_write(struct line *l, const char *bytes, size_t len)
{
	if (l->ssl)
		SSL_write(l->ssl, bytes, (int)len);
	else if (write(l->fd, bytes, len) != (ssize_t)len)
		_exit(1);
}

/* Reads one request with its body into ret. False at the end of the connection. */
static bool read_request(struct line *l, char ret[REQUEST_MAX])
{
	size_t len = 0, want = 0;

	while (!want || len < want) {
		int n = line_read(l, ret + len, REQUEST_MAX - 1 - len);
		const char *end, *body_len;

		if (n <= 0)
			return false;
		len += (size_t)n;
		ret[len] = '\0';
		end = strstr(ret, "\r\n\r\n");
		body_len = strcasestr(ret, "\r\nContent-Length:");
		if (end && !want)
			want = (size_t)(end - ret) + 4 + (body_len ? strtoul(body_len + 17, NULL, 10) : 0);
	}
	return true;
}

static void reply(struct line *l, const char *body, size_t announced)
{
	char head[512];
	int len = snprintf(head, sizeof(head),
		"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 01:02:03 GMT\r\nx-amzn-RequestId: request-1\r\n"
		"Content-Length: %zu\r\n\r\n",
		announced);

	line_write(l, head, (size_t)len);
	line_write(l, body, strlen(body));
}

static void reply_big(struct line *l)
{
	char *body = malloc(BIG + 1);

	memset(body, 'b', BIG);
	body[BIG] = '\0';
	reply(l, body, BIG);
	free(body);
}

static void reply_who(struct line *l)
{
	char name[64] = "nobody";
	X509 *x = l->ssl ? SSL_get0_peer_certificate(l->ssl) : NULL;

	if (x)
		X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, name, sizeof(name));
	reply(l, name, strlen(name));
}

/* False: hang up. */
static bool serve(struct line *l, const char *request)
{
	if (strstr(request, " /ok "))
		reply(l, "fine", 4);
	else if (strstr(request, " /echo "))
		reply(l, request, strlen(request));
	else if (strstr(request, " /who "))
		reply_who(l);
	else if (strstr(request, " /short "))
		reply(l, "half", 8);
	else if (strstr(request, " /big "))
		reply_big(l);
	else if (strstr(request, " /noise "))
		line_write(l, "220 mail.example.com ESMTP\r\n", 28);
	else if (strstr(request, " /slow "))
		pause();
	return !strstr(request, " /drop ") && !strstr(request, " /short ") && !strstr(request, " /noise ");
}

static void serve_connection(struct web *w, struct line l)
{
	static char request[REQUEST_MAX];

	while (read_request(&l, request)) {
		__atomic_add_fetch(w->requests, 1, __ATOMIC_SEQ_CST);
		if (!serve(&l, request))
			break;
	}
	_exit(0);
}

static FILE *make_file(char path[64])
{
	snprintf(path, 64, "/tmp/web-XXXXXX");
	return fdopen(mkstemp(path), "w");
}

/* Who has that certificate is let in, and who has none. */
static void ask_for_certificates(SSL_CTX *tls, X509 *trusted)
{
	X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), trusted);
	SSL_CTX_set_session_id_context(tls, (const unsigned char *)"web", 3);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
}

/* A key and a certificate for 127.0.0.1 that signs itself, written to the files of w. */
static void make_certificate(struct web *w, SSL_CTX *tls)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	FILE *f;

	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(
		X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_version(x, 2);
	X509_add_ext(x, name, -1);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	f = make_file(w->certificate);
	PEM_write_X509(f, x);
	fclose(f);
	f = make_file(w->key);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	ask_for_certificates(tls, x);
	SSL_CTX_use_certificate(tls, x);
	SSL_CTX_use_PrivateKey(tls, key);
	X509_EXTENSION_free(name);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void serve_all(struct web *w, int listener, SSL_CTX *tls)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		struct line l = { .fd = accept(listener, NULL, NULL) };

		__atomic_add_fetch(w->connections, 1, __ATOMIC_SEQ_CST);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (tls) {
				l.ssl = SSL_new(tls);
				SSL_set_fd(l.ssl, l.fd);
				if (SSL_accept(l.ssl) != 1)
					_exit(1);
			}
			serve_connection(w, l);
		}
		close(l.fd);
	}
}

void web_start(struct web *w, bool tls)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL_CTX *context = tls ? SSL_CTX_new(TLS_server_method()) : NULL;

	*w = (struct web){ .certificate = "" };
	if (tls)
		make_certificate(w, context);
	if (bind(fd, (struct sockaddr *)&a, len) || listen(fd, 16) ||
		getsockname(fd, (struct sockaddr *)&a, &len))
		abort();
	w->port = ntohs(a.sin_port);
	w->requests = mmap(NULL, 2 * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	w->connections = w->requests + 1;
	w->pid = fork();
	if (!w->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve_all(w, fd, context);
	}
	close(fd);
	SSL_CTX_free(context);
}

void web_stop(struct web *w)
{
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	munmap((void *)(uintptr_t)w->requests, 2 * sizeof(int));
	if (!w->certificate[0])
		return;
	unlink(w->certificate);
	unlink(w->key);
}
