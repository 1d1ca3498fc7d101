/*
 * model_fixture.h: a cloud model with virtual time, an image and a machine's worth of orders, which
 * are written down instead of carried out.
 */
#ifndef TESTS_MODEL_FIXTURE_H
#define TESTS_MODEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "sandbox/model/addresses.h"
#include "sandbox/model/instances.h"
#include "sandbox/model/model.h"
#include "sandbox/model/places.h"
#include "sandbox/model/tags.h"
#include "sandbox/model/volumes.h"

struct cloud {
	struct model *model;
	int64_t now_ms;
	struct text orders; /* "boot i-..." lines, in order */
	char image[MODEL_ID_SIZE];
	bool mounted;    /* unplug: the guest holds its disks */
	bool running_on; /* halted: something of the machine still runs */
	bool slow_copy;  /* snapshot: the copy is not there yet */
	bool boot_fails;
	struct model_effect last; /* the last effect; its texts are below */
	char last_resource[MODEL_ID_SIZE];
	int effects, troubles;
};

/* A cloud of its own for each test, in which everything happens at once, or takes its time as in EC2. */
int cloud_at_once(void **state);
int cloud_as_ec2(void **state);
int cloud_close(void **state);

#define AT_ONCE(test) cmocka_unit_test_setup_teardown(test, cloud_at_once, cloud_close)
#define AS_EC2(test) cmocka_unit_test_setup_teardown(test, cloud_as_ec2, cloud_close)

/* Begins it anew, with the lines of a latency file. */
void cloud_begin_with(struct cloud *c, const char *lines);

/* Lets time pass. */
void cloud_pass(struct cloud *c, int64_t ms);

/* A launch that needs no more than the image; and its result, checked. */
struct model_launch cloud_launch(const struct cloud *c);
const struct model_instance *cloud_run(struct cloud *c, const struct model_launch *l);

/* An instance that is up. */
const struct model_instance *cloud_machine(struct cloud *c);

/* An empty, available volume of 1 GiB in zone a. */
const struct model_volume *cloud_volume(struct cloud *c);
void cloud_attach(struct cloud *c, const char *volume_id, const char *instance_id, const char *device);
void cloud_detach(struct cloud *c, const char *volume_id);
const struct model_snapshot *cloud_snapshot(struct cloud *c, const char *volume_id);
const struct model_address *cloud_address(struct cloud *c);
void cloud_associate(struct cloud *c, const char *allocation_id, const char *instance_id);
void cloud_change(struct cloud *c, enum model_change_kind kind, const char *instance_id);

/* Fails unless done is false with that code; empties err. */
void expect_refused(bool done, struct error *err, const char *code);
void expect_done(bool done, struct error *err);

/* How often the order was given. */
int cloud_count_orders(const struct cloud *c, const char *order);
#endif
