/*
 * web.h: a small web server for tests, in a child process, that behaves as badly as asked: what it
 * does is the path of the request. Every request that arrives whole is counted.
 */
#ifndef TESTS_NET_WEB_H
#define TESTS_NET_WEB_H

#include <stdbool.h>

struct web {
	int port, pid;
	volatile int *requests;    /* shared with the child: whole requests so far */
	volatile int *connections; /* likewise */
	char certificate[64]; /* with TLS: a PEM file that signs 127.0.0.1, and that clients may have, too */
	char key[64];         /* its key */
};

/*
 * /ok: answers; /echo: answers with the request itself; /drop: hangs up without a reply;
 * /who: answers with the name in the client's certificate; /short: hangs up in the middle of the reply; /slow: never answers; /big: 1 MB; /noise: not HTTP.
 * Connections are kept open after a reply.
 */
void web_start(struct web *w, bool tls);
void web_stop(struct web *w);
#endif
