#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_fixture.h"

void fixture_answered(void *self, const struct answer *a)
{
	struct guest_fixture *f = self;

	assert_int_equal(a->subject, 7);
	assert_string_equal(a->is_effect ? a->token : a->id, a->is_effect ? "token" : "i-1");
	f->answers++;
	uv_stop(&f->loop); /* it may come by a timer, after which the turn would wait for the socket */
	f->seen = a->sighting_count == 1;
	if (f->seen)
		f->sighting = a->sightings[0];
	error_release(&f->err);
	error_copy(&f->err, a->err);
}

int fixture_start_server(void **state)
{
	struct guest_fixture *f = calloc(1, sizeof(*f));

	cell_run("mkdir -p /run/bin && printf '#!/bin/sh\\n[ \"$1\" = -n ] && shift && exec \"$@\"\\n' "
		 ">/run/bin/sudo && "
		 "chmod +x /run/bin/sudo");
	test_sshd_prepare(&f->sshd);
	test_sshd_start(&f->sshd, "SetEnv PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	*state = f;
	return 0;
}

int fixture_stop_server(void **state)
{
	struct guest_fixture *f = *state;

	test_sshd_stop(&f->sshd);
	free(f);
	return 0;
}

void fixture_open_guests(struct guest_fixture *f, const char *scripts_dir)
{
	auto_error err = ERROR_INIT;
	const struct guests_options o = {
		.access = { .user = "guest", .port = f->port, .key_file = f->key },
		.environment = (char *const[]){ "HOME=/run", NULL },
		.scripts_dir = scripts_dir,
		.clock = &clock_system,
	};

	assert_true(guests_open(&f->loop, &o, (struct sink){ f, fixture_answered }, &f->guests, &err));
}

int fixture_begin(void **state)
{
	struct guest_fixture *f = *state;

	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->timer);
	snprintf(f->key, sizeof(f->key), "%s/user_ed25519", f->sshd.folder);
	f->port = f->sshd.port;
	test_disk_make(&f->disk, VOLUME);
	cell_run("mkdir -p /run/data && mount %s /run/data && echo kept >/run/data/file", f->disk.device);
	f->order = (struct guest_order){
		.instance_id = "i-1",
		.address = "127.0.0.1",
		.check_address = "127.0.0.1",
		.host_keys = f->sshd.host_keys,
		.volumes = { { .id = VOLUME, .mount = "/run/data" } },
		.volume_count = 1,
		.nonce = NONCE,
		.limit_ms = 10000,
	};
	fixture_open_guests(f, NULL);
	return 0;
}

int fixture_end(void **state)
{
	struct guest_fixture *f = *state;

	guests_close(f->guests);
	uv_close((uv_handle_t *)&f->timer, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0); /* no handle is left */
	cell_run("while umount -l /run/data 2>/dev/null; do :; done; rm -rf /run/data /run/started "
		 "/run/stopped");
	test_disk_free(&f->disk);
	error_release(&f->err);
	*f = (struct guest_fixture){ .sshd = f->sshd };
	return 0;
}

void fixture_await(struct guest_fixture *f, int answers)
{
	assert_int_equal(f->answers, answers - 1); /* never from within */
	while (f->answers < answers)
		uv_run(&f->loop, UV_RUN_ONCE);
}

const struct guest *probe(struct guest_fixture *f)
{
	const struct query q = { .kind = QUERY_GUEST, .subject = 7, .id = "i-1", .guest = &f->order };
	struct provider p = guests_provider(f->guests);

	p.observe(p.self, &q, 1);
	fixture_await(f, f->answers + 1);
	assert_true(f->seen);
	assert_int_equal(f->sighting.kind, SIGHTING_GUEST);
	return &f->sighting.guest;
}

const struct guest *act(struct guest_fixture *f, enum effect_kind kind)
{
	const struct effect e = { .kind = kind, .subject = 7, .token = "token", .guest = &f->order };
	struct provider p = guests_provider(f->guests);

	p.act(p.self, &e);
	fixture_await(f, f->answers + 1);
	return &f->sighting.guest;
}

void assert_done(const struct guest_fixture *f)
{
	if (f->err.kind)
		fail_msg("%s", f->err.message);
	assert_true(f->seen);
}

void assert_failed(
	const struct guest_fixture *f, enum error_kind kind, enum error_happened happened, const char *words)
{
	assert_non_null(f->err.message);
	if (!strstr(f->err.message, words))
		fail_msg("'%s' does not contain '%s'", f->err.message, words);
	assert_int_equal(f->err.kind, kind);
	assert_int_equal(f->err.happened, happened);
}

bool is_mounted(void)
{
	return system("mountpoint -q /run/data") == 0;
}
