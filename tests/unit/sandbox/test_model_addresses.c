/* Elastic IPs: one instance at a time, answered at once, the traffic a little later. */
#include "model_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void expect_last_route(const struct cloud *c, const char *to)
{
	const char *last = NULL;

	for (const char *at = c->orders.bytes; (at = strstr(at, "route ")); at++)
		last = at;
	assert_non_null(last);
	assert_non_null(strstr(last, to));
}

static void the_traffic_follows_after_the_answer(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_address *a;

	i = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, i->id);
	assert_ptr_equal(a->instance, i);
	assert_int_equal(cloud_count_orders(c, "route"), 0);
	cloud_pass(c, 1500);
	expect_last_route(c, i->id);
	assert_string_equal(c->last.action, "AssociateAddress");
	assert_in_range(c->last.effective_ms - c->last.accepted_ms, 800, 1200);
}

static void associating_moves_the_address(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *blue, *green;
	const struct model_address *a;

	blue = cloud_machine(c);
	green = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, blue->id);
	cloud_pass(c, 1);
	cloud_associate(c, a->allocation_id, green->id);
	cloud_pass(c, 1);
	assert_null(blue->address);
	assert_ptr_equal(green->address, a);
	expect_last_route(c, green->id);
}

/* Back and forth before the first move took effect: only the last one may. */
static void a_move_that_was_overtaken_never_takes_effect(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *blue, *green;
	const struct model_address *a;
	char order[96];

	blue = cloud_machine(c);
	green = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, blue->id);
	cloud_pass(c, 500);
	cloud_associate(c, a->allocation_id, green->id);
	cloud_pass(c, 600);
	assert_int_equal(cloud_count_orders(c, "route"), 0); /* the first move is due, and void */
	cloud_pass(c, 5000);
	snprintf(order, sizeof(order), "route %s %s", a->public_ip, blue->id);
	assert_int_equal(cloud_count_orders(c, order), 0);
	expect_last_route(c, green->id);
}

/* An instance has one interface with one address: a second Elastic IP takes the first one's place. */
static void a_second_address_sets_the_first_one_free(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_address *first, *second;
	char order[96];

	i = cloud_machine(c);
	first = cloud_address(c);
	second = cloud_address(c);
	cloud_associate(c, first->allocation_id, i->id);
	cloud_associate(c, second->allocation_id, i->id);
	cloud_pass(c, 1);
	assert_null(first->instance);
	assert_ptr_equal(i->address, second);
	snprintf(order, sizeof(order), "route %s nowhere", first->public_ip);
	assert_int_equal(cloud_count_orders(c, order), 1);
}

static void associating_again_keeps_the_association(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_address *a;
	char association[MODEL_ID_SIZE];

	i = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, i->id);
	text_copy(association, sizeof(association), a->association_id);
	cloud_associate(c, a->allocation_id, i->id);
	assert_string_equal(a->association_id, association);
}

static void reassociation_can_be_forbidden(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *blue, *green;
	const struct model_address *a;
	struct model_associate_request r = { .refuse_reassociation = true };
	auto_error err = ERROR_INIT;

	blue = cloud_machine(c);
	green = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, blue->id);
	r.allocation_id = a->allocation_id;
	r.instance_id = green->id;
	expect_refused(
		model_associate_address(c->model, &r, false, &a, &err), &err, "Resource.AlreadyAssociated");
}

static void a_pending_instance_is_refused_in_ec2s_words(void **state)
{
	struct cloud *c = *state;
	struct model_launch l;
	const struct model_instance *i;
	const struct model_address *a;
	struct model_associate_request r = { .refuse_reassociation = false };
	char interface[MODEL_ID_SIZE];
	auto_error err = ERROR_INIT;

	l = cloud_launch(c);
	i = cloud_run(c, &l);
	cloud_pass(c, 1000);
	a = cloud_address(c);
	r.allocation_id = a->allocation_id;
	r.instance_id = i->id;
	assert_false(model_associate_address(c->model, &r, false, &a, &err));
	assert_non_null(strstr(err.message, "The pending instance"));
	expect_refused(false, &err, "InvalidInstanceID");
	r.instance_id = NULL;
	r.interface_id = model_interface_id(i, interface);
	expect_refused(
		model_associate_address(c->model, &r, false, &a, &err), &err, "IncorrectInstanceState");
}

static void disassociating_twice_is_no_error(void **state)
{
	struct cloud *c = *state;
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, cloud_machine(c)->id);
	expect_done(model_disassociate_address(c->model, a->association_id, false, &err), &err);
	expect_done(model_disassociate_address(c->model, a->association_id, false, &err), &err);
	cloud_pass(c, 1);
	expect_last_route(c, "nowhere");
	expect_refused(model_disassociate_address(c->model, "eipassoc-00000000000000000", false, &err), &err,
		"InvalidAssociationID.NotFound");
}

static void an_address_in_use_is_not_released(void **state)
{
	struct cloud *c = *state;
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, cloud_machine(c)->id);
	expect_refused(model_release_address(c->model, a->allocation_id, false, &err), &err,
		"InvalidIPAddress.InUse");
}

static void a_terminated_instance_gives_its_address_back(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	i = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, i->id);
	cloud_pass(c, 1);
	cloud_change(c, MODEL_TERMINATE, i->id);
	cloud_pass(c, 1);
	assert_null(a->instance);
	expect_last_route(c, "nowhere");
	expect_done(model_release_address(c->model, a->allocation_id, false, &err), &err);
}

static void a_stopped_instance_gets_its_traffic_back_when_it_starts(void **state)
{
	struct cloud *c = *state;
	const struct model_instance *i;
	const struct model_address *a;

	i = cloud_machine(c);
	a = cloud_address(c);
	cloud_associate(c, a->allocation_id, i->id);
	cloud_pass(c, 1);
	cloud_change(c, MODEL_STOP, i->id);
	cloud_pass(c, 1);
	assert_ptr_equal(i->address, a);
	cloud_change(c, MODEL_START, i->id);
	cloud_pass(c, 1);
	assert_int_equal(cloud_count_orders(c, "route"), 2);
	expect_last_route(c, i->id);
}

static void addresses_run_out_with_ec2s_word_for_it(void **state)
{
	struct cloud *c = *state;
	const struct model_address *a;
	auto_error err = ERROR_INIT;

	for (int n = 0; n < 254; n++)
		a = cloud_address(c);
	assert_string_equal(a->public_ip, "198.51.100.254");
	expect_refused(model_allocate_address(c->model, NULL, false, &a, &err), &err, "AddressLimitExceeded");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AS_EC2(the_traffic_follows_after_the_answer),
		AT_ONCE(associating_moves_the_address),
		AS_EC2(a_move_that_was_overtaken_never_takes_effect),
		AT_ONCE(a_second_address_sets_the_first_one_free),
		AT_ONCE(associating_again_keeps_the_association),
		AT_ONCE(reassociation_can_be_forbidden),
		AS_EC2(a_pending_instance_is_refused_in_ec2s_words),
		AT_ONCE(disassociating_twice_is_no_error),
		AT_ONCE(an_address_in_use_is_not_released),
		AT_ONCE(a_terminated_instance_gives_its_address_back),
		AT_ONCE(a_stopped_instance_gets_its_traffic_back_when_it_starts),
		AT_ONCE(addresses_run_out_with_ec2s_word_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
