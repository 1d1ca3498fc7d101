/*
 * consoles.h: host keys from an instance's console output (cloud/console.h).
 *
 * GetConsoleOutput shows the present output only with Latest=true, which instances older than Nitro
 * refuse (UnsupportedOperation); then the stored output has to do, which EC2 renews rarely. Which
 * instances refused is remembered, so that each is asked in vain once.
 */
#ifndef AWS_CONSOLES_H
#define AWS_CONSOLES_H

#include "aws/jobs.h"
#include "cloud/provider.h"

/* Zeroed to begin with. */
struct consoles {
	char (*without_latest)[CLOUD_ID_SIZE]; /* owned */
	size_t count;
};

void consoles_release(struct consoles *c);

/* Answers a QUERY_HOST_KEYS. c must outlive the jobs. */
void consoles_read(struct consoles *c, struct jobs *jobs, const struct query *q);
#endif
