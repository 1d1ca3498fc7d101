/*
 * machinery_fixture.h: a sandbox's machinery with its loop in this process, programs run inside its
 * network while the loop turns, and a look at what the host sees of it all.
 */
#ifndef TESTS_SANDBOX_MACHINERY_FIXTURE_H
#define TESTS_SANDBOX_MACHINERY_FIXTURE_H

#include <stdbool.h>
#include <uv.h>

#include "base/text.h"
#include "sandbox/machinery.h"

enum { LAYERS_MAX = 8 };

struct bench {
	uv_loop_t loop;
	struct machinery *machinery;
	char folder[64], state[80], key[80]; /* state and the login's private key are in folder */
	char *public_key;                    /* owned */
	char *location;                      /* owned: the image as scripts/sandbox-image prints it */
	const char *layers[LAYERS_MAX];
	size_t layer_count;
	struct text out; /* of the latest program */
};

/* For cmocka's setup and teardown: *state becomes the bench. Fails if the image is missing. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

/*
 * Makes folder (unless it is given), key and image known, without opening the machinery. False: it
 * said why on stderr.
 */
bool bench_prepare(struct bench *b);
void bench_open(struct bench *b);

/* Boots instance number n, i-N at 10.0.0.N. */
void bench_boot(struct bench *b, int n);

/* Turns the loop for this long, or until `done` says so; true if it did. */
typedef bool bench_condition(struct bench *b, void *ctx);
bool bench_wait(struct bench *b, int limit_ms, bench_condition *done, void *ctx);

/* Runs a program, its stdout and stderr into b->out; gives its exit code, -1 if it was killed. */
int bench_run(struct bench *b, const char *const *argv);

/* A command on the host at this address, through the system's own ssh, as user admin. */
int bench_ssh(struct bench *b, const char *address, const char *command);

/* Waits until ssh lets us in; gives how long that took, in milliseconds. */
int bench_await_login(struct bench *b, const char *address);

/* Fails the test if the command does not exit with 0. */
void bench_must(struct bench *b, const char *address, const char *command);

/* Fail the test with the error's text if it did not work. */
void bench_expect(bool done, const struct error *failure);
void bench_create(struct bench *b, const char *volume, const char *snapshot);
void bench_attach(struct bench *b, const char *volume, const char *instance);

/* Conditions to wait for; ctx is the volume's, the instance's id. As on EC2, detaching may take some tries. */
bench_condition bench_is_detached, bench_is_stopped;

/* What of this sandbox can be seen from the host: mounts of any process, loop devices; "" if nothing. */
void bench_traces(const struct bench *b, struct text *ret);
#endif
