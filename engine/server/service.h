/*
 * service.h: the lock service behind an HTTP server.
 *
 * Calling order: service_open(); service_request() and service_rest() as the server's on_request and on_rest,
 * service_tick() once a second; service_close() after the server's.
 *
 * All requests of one turn of the loop are decided together and written together: a yes goes out only after it
 * is on the disk, and that costs one sync for many. Others are not waited for: what comes while a batch is
 * written goes into the next. If another process wrote meanwhile, all are decided anew; if the store fails, each
 * is answered with 503, and nothing is believed that was not read again.
 */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include "server/request.h"

struct service;

/* Reads the locks, and gives them their slots. options is borrowed. */
bool service_open(const struct service_options *o, struct service **ret, struct error *err) MUST_USE;

void service_request(void *service, struct http_exchange *x, const struct http_question *q);
void service_rest(void *service);

/*
 * Settles what was written (holding.h): in a quiet moment, and every ten seconds. A busy service does so a slice at a
 * time, between its turns. And forgets old events, a slice a tick: so whoever asks meanwhile waits for no more than that.
 */
void service_tick(struct service *s);

/* Settles what can be. NULL is allowed. */
void service_close(struct service *s);
#endif
