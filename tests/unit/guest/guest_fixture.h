/* guest_fixture.h: the provider, a real sshd that it logs in to, and a real ext4 mounted at /run/data. */
#ifndef TESTS_GUEST_FIXTURE_H
#define TESTS_GUEST_FIXTURE_H

#include <uv.h>

#include "guest/guests.h"
#include "support/cell.h"
#include "support/disk.h"
#include "support/sshd.h"

#define VOLUME "vol-0123456789abcdef0"
#define NONCE "0123456789abcdef0123456789abcdef"

struct guest_fixture {
	struct test_sshd sshd;
	struct test_disk disk;
	uv_loop_t loop;
	uv_timer_t timer;
	struct guests *guests;
	int port;
	char key[128];
	struct guest_order order;
	int answers;
	struct sighting sighting;
	bool seen;
	struct error err;
};

/* Around the group: the server. Around each test: a loop, a disk, the provider, an order for all of it. */
int fixture_start_server(void **state);
int fixture_stop_server(void **state);
int fixture_begin(void **state);
int fixture_end(void **state);

/* Opens the provider anew; the test closed the one before. */
void fixture_open_guests(struct guest_fixture *f, const char *scripts_dir);
void fixture_answered(void *self, const struct answer *a);

/* Carry out the order and wait for the answer: err, and the sighting if `seen`. */
const struct guest *probe(struct guest_fixture *f);
const struct guest *act(struct guest_fixture *f, enum effect_kind kind);
void fixture_await(struct guest_fixture *f, int answers);

void assert_done(const struct guest_fixture *f);
void assert_failed(
	const struct guest_fixture *f, enum error_kind kind, enum error_happened happened, const char *words);
bool is_mounted(void);
#endif
