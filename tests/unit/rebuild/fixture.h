/* fixture.h: one machine in the fake cloud, its rebuild, and one that goes on after it; for cmocka. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fake_cloud.h"
#include "rebuild/steps/steps.h"

struct fixture {
	struct rebuild rebuild, next;
	struct fake_cloud cloud;
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

#define WITH_CLOUD(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

/* Runs until it is over; fails the test unless it ends like that. */
void fixture_ends(struct fixture *x, enum rebuild_course end);

/* Runs until green is confirmed; it bakes for an hour then. */
void fixture_bakes(struct fixture *x);

/* Runs until something turns it back. */
void fixture_turns_back(struct fixture *x);

/* The process dies, and the same command goes on until it is over: with its journal, or with another one. */
enum rebuild_course fixture_goes_on(struct fixture *x);
enum rebuild_course fixture_goes_on_elsewhere(struct fixture *x);

/* Its cause tells of that. */
void fixture_says(const struct rebuild *r, const char *words);
#endif
