/*
 * sandbox.h: a cloud on one machine: `changeover sandbox`.
 *
 * Nothing is kept: each start is a fresh, empty cloud, and what a killed predecessor left in the
 * same folder is cleared first. Several sandboxes run side by side with a folder and a port each.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"

#define SANDBOX_REGION "eu-west-1"
#define SANDBOX_ACCESS_KEY "AKIDSANDBOX"

struct sandbox_options {
	int port;               /* on 127.0.0.1; 0: any free one */
	const char *state_dir;  /* made if it is not there; its parent must be */
	const char *latency;    /* "none", "ec2" or a file (model/latency.h); NULL: "ec2" */
	const char *faults;     /* a file of faults (model/fault.h); NULL: none */
	const char *region;     /* NULL: SANDBOX_REGION */
	const char *access_key; /* NULL: SANDBOX_ACCESS_KEY */
	const uint64_t *seed;   /* of ids, jitter and chances; NULL: a random one */
	bool virtual_machines;  /* states only, nothing real (virtual/virtual.h) */
	const char *sshd;       /* by which virtual machines are logged in to; NULL: they are not */
	bool throttle;          /* EC2's token buckets */
	FILE *out, *messages;   /* the line that says it is ready; what goes wrong later */
	const struct clock *clock;
	const struct entropy *entropy;
};

/*
 * Serves until SIGINT or SIGTERM, then takes everything down. Once it is ready, it prints to out
 *
 *	sandbox: listening on http://127.0.0.1:PORT (credentials: DIR/env)
 *
 * DIR/env is there as long as it runs: a file to source in a shell, with AWS_ACCESS_KEY_ID,
 * AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_DEFAULT_REGION and AWS_ENDPOINT_URL.
 *
 * ERROR_USAGE for options that make no sense, ERROR_LOCAL for what this machine lacks.
 */
bool sandbox_run(const struct sandbox_options *o, struct error *err) MUST_USE;
#endif
