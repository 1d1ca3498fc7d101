/* Remedies: leases first, then a fresh look, then intents before effects; with and without a journal. */
#include "account.h"

#include <stdlib.h>
#include <unistd.h>

#include "journal/event.h"
#include "journal/journal.h"
#include "run/asking.h"
#include "run/resolve.h"

enum { PENDING_MAX = 32, LOG_MAX = 16 };

/* A cloud that shows the account, and whose effects are what a test makes of them. */
struct cloud {
	struct account account;
	uv_loop_t loop;
	uv_idle_t idle; /* answers from the loop, never from inside observe() or act() */
	struct asking asking;
	struct query queries[PENDING_MAX];
	size_t query_count;
	struct effect effect;
	bool acting;
	enum effect_kind log[LOG_MAX];
	size_t log_count;
	enum error_kind failing; /* of effects */
	int rounds;              /* of looking, until `then` happens; 0: never */
	void (*then)(struct cloud *c);
	char told[1024];
	char path[64];
	struct journal *journal;
};

static size_t see(struct cloud *c, enum query_kind kind, const char *id, struct sighting *ret)
{
	const struct inventory *in = &c->account.in;
	size_t count = 0;

	for (size_t i = 0; i < in->instance_count; i++)
		if (kind == QUERY_TAGGED_INSTANCES
				? in->instances[i].rebuild[0] != '\0'
				: kind == QUERY_INSTANCE && !strcmp(in->instances[i].id, id))
			ret[count++] = (struct sighting){ SIGHTING_INSTANCE, .instance = in->instances[i] };
	for (size_t i = 0; kind == QUERY_TAGGED_VOLUMES && i < in->volume_count; i++)
		ret[count++] = (struct sighting){ SIGHTING_VOLUME, .volume = in->volumes[i] };
	for (size_t i = 0; kind == QUERY_TAGGED_SNAPSHOTS && i < in->snapshot_count; i++)
		ret[count++] = (struct sighting){ SIGHTING_SNAPSHOT, .snapshot = in->snapshots[i] };
	for (size_t i = 0; kind == QUERY_ALL_ADDRESSES && i < in->address_count; i++)
		ret[count++] = (struct sighting){ SIGHTING_ADDRESS, .address = in->addresses[i] };
	if (kind == QUERY_BLUEPRINT)
		ret[count++] = (struct sighting){ SIGHTING_BLUEPRINT,
			.blueprint = {
				.instance_id = id, .termination_protected = inventory_is_shielded(in, id) } };
	return count;
}

static void answer_query(struct cloud *c, const struct query *q)
{
	static const struct error WELL = ERROR_INIT;
	static struct sighting seen[THINGS_MAX];
	struct sink sink = asking_sink(&c->asking);
	struct answer a = { .query = q->kind, .id = q->id, .token = "", .err = &WELL, .request_id = "req-q" };

	a.sightings = seen;
	a.sighting_count = see(c, q->kind, q->id, seen);
	sink.answered(sink.self, &a);
}

static void answer_effect(struct cloud *c)
{
	struct error err = { .kind = c->failing, .message = (char *)"the cloud said no" };
	struct sink sink = asking_sink(&c->asking);

	c->acting = false;
	c->log[c->log_count++] = c->effect.kind;
	sink.answered(sink.self, &(struct answer){ .is_effect = true,
					 .effect = c->effect.kind,
					 .token = c->effect.token,
					 .id = "",
					 .err = &err,
					 .request_id = "req-e",
					 .took_ms = 7 });
}

static void deliver(uv_idle_t *idle)
{
	struct cloud *c = idle->data;
	size_t count = c->query_count;

	uv_idle_stop(idle);
	c->query_count = 0;
	for (size_t i = 0; i < count; i++)
		answer_query(c, &c->queries[i]);
	if (c->acting)
		answer_effect(c);
}

static void observe(void *self, const struct query *queries, size_t count)
{
	struct cloud *c = self;

	if (c->rounds && !--c->rounds)
		c->then(c);
	memcpy(c->queries, queries, count * sizeof(*queries));
	c->query_count = count;
	uv_idle_start(&c->idle, deliver);
}

static void act(void *self, const struct effect *e)
{
	struct cloud *c = self;

	c->effect = *e;
	c->acting = true;
	uv_idle_start(&c->idle, deliver);
}

static int open_cloud(void **state)
{
	struct cloud *c = calloc(1, sizeof(*c));
	struct error err = ERROR_INIT;
	char folder[] = "/tmp/changeover-run-XXXXXX";

	account_init(&c->account);
	uv_loop_init(&c->loop);
	uv_idle_init(&c->loop, &c->idle);
	c->idle.data = c;
	asking_init(&c->asking, &c->loop);
	c->asking.provider = (struct provider){ .self = c, .observe = observe, .act = act };
	if (!mkdtemp(folder))
		return -1;
	snprintf(c->path, sizeof(c->path), "%s/journal.db", folder);
	*state = c;
	return journal_open(c->path, JOURNAL_WRITE, &c->journal, &err) ? 0 : -1;
}

static int close_cloud(void **state)
{
	struct cloud *c = *state;

	journal_close(c->journal);
	unlink(c->path);
	*strrchr(c->path, '/') = '\0';
	rmdir(c->path);
	uv_close((uv_handle_t *)&c->idle, NULL);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	uv_loop_close(&c->loop);
	arena_release(&c->account.arena);
	free(c);
	return 0;
}

static void must(bool done, const struct error *err)
{
	if (!done)
		fail_msg("%s", err->message);
}

static int64_t now(void *self)
{
	(void)self;
	return NOW_MS;
}

static const struct clock CLOCK = { .mono_ms = now, .wall_ms = now };

static void told(void *self, const struct finding *f, const char *why)
{
	struct cloud *c = self;
	size_t used = strlen(c->told);

	snprintf(c->told + used, sizeof(c->told) - used, "%s:%s %s\n", f->row->name, f->object,
		why ? why : "done");
}

/* Looks, and resolves all that was found, with that journal. */
static void resolve_all(struct cloud *c, struct journal *j)
{
	static const struct finding *chosen[THINGS_MAX];
	const struct resolve_options o = { .asking = &c->asking,
		.journal = j,
		.audit = c->account.options,
		.clock = &CLOCK,
		.user = "anna",
		.version = "0.1.0",
		.told = told,
		.told_self = c };
	struct error err = ERROR_INIT;
	struct inventory in;
	struct findings found;

	must(inventory_look(
		     &(struct inventory_sources){ &c->asking, j, NOW_MS }, &c->account.arena, &in, &err),
		&err);
	audit(&in, &c->account.options, &c->account.arena, &found);
	for (size_t i = 0; i < found.count; i++)
		chosen[i] = &found.items[i];
	must(resolve(&o, chosen, found.count, &err), &err);
}

static void record_rolled_back(struct cloud *c, enum record_state state)
{
	struct error err = ERROR_INIT;

	must(record_create(c->journal,
		     &(struct record){ .id = "rb-1", .blue = "i-blue", .green = "i-green", .state = state },
		     &err),
		&err);
}

static bool see_event(void *self, const struct event *e)
{
	struct text *t = self;

	text_addf(t, "%s/%s/%s/%s ", event_kind_name(e->kind), e->step, e->effect, e->request_id);
	return true;
}

static void history_is(struct cloud *c, const char *expected)
{
	struct error err = ERROR_INIT;
	auto_text t;

	text_init(&t, 4096);
	must(journal_events(c->journal, "rb-1", 0, see_event, &t, &err), &err);
	assert_string_equal(t.bytes, expected);
}

static void without_a_journal_a_green_is_terminated_by_its_tags(void **state)
{
	struct cloud *c = *state;

	add_rolled_back(&c->account);
	add_instance(&c->account, "i-green", "green", INSTANCE_RUNNING);
	resolve_all(c, NULL);
	assert_string_equal(c->told, "green-left:i-green done\n");
	assert_int_equal(c->log_count, 1);
	assert_int_equal(c->log[0], EFFECT_TERMINATE_INSTANCE);
	assert_string_equal(c->effect.instance_id, "i-green");
}

static void the_intent_stands_in_the_journal_before_the_outcome(void **state)
{
	struct cloud *c = *state;
	struct error err = ERROR_INIT;
	struct lease_view lease;

	add_rolled_back(&c->account);
	add_instance(&c->account, "i-green", "green", INSTANCE_RUNNING);
	record_rolled_back(c, RECORD_ROLLED_BACK);
	resolve_all(c, c->journal);
	assert_string_equal(c->told, "green-left:i-green done\n");
	history_is(c, "intent/check/terminate-instance/ outcome/check/terminate-instance/req-e ");
	must(lease_look(c->journal, "rb-1", NOW_MS, &lease, &err), &err);
	assert_int_equal(lease.state, LEASE_FREE);
}

static void drive(struct cloud *c, int64_t since_ms)
{
	struct lease l = { .rebuild = "rb-1",
		.version = "0.2.0",
		.holder = { .name = "bert@far pid 7", .place = "another-boot/1", .pid = 7, .started = 70 } };
	struct error err = ERROR_INIT;

	must(lease_take(c->journal, &l, since_ms, &err), &err);
}

static void begin_to_drive(struct cloud *c)
{
	drive(c, NOW_MS);
}

/* A look takes two rounds here: what carries tags, then how blue is protected. */
enum { DURING_THE_FIRST_LOOK = 2, DURING_THE_SECOND_LOOK = 3 };

static void what_somebody_begins_to_drive_meanwhile_is_left(void **state)
{
	struct cloud *c = *state;

	add_rolled_back(&c->account);
	add_instance(&c->account, "i-green", "green", INSTANCE_RUNNING);
	record_rolled_back(c, RECORD_ROLLED_BACK);
	c->rounds = DURING_THE_FIRST_LOOK;
	c->then = begin_to_drive;
	resolve_all(c, c->journal);
	assert_string_equal(c->told, "green-left:i-green somebody else drives its rebuild now\n");
	assert_int_equal(c->log_count, 0);
}

static void attach_to_green(struct cloud *c)
{
	SET(c->account.volumes[0].instance_id, "i-green");
}

static void what_has_changed_since_it_was_found_is_left(void **state)
{
	struct cloud *c = *state;

	add_rolled_back(&c->account);
	add_instance(&c->account, "i-green", "green", INSTANCE_RUNNING);
	c->rounds = DURING_THE_SECOND_LOOK;
	c->then = attach_to_green;
	resolve_all(c, NULL);
	assert_string_equal(c->told, "green-left:i-green it is not so any more\n");
	assert_int_equal(c->log_count, 0);
}

static void an_effect_that_fails_is_told_and_recorded(void **state)
{
	struct cloud *c = *state;

	add_rolled_back(&c->account);
	add_instance(&c->account, "i-green", "green", INSTANCE_RUNNING);
	record_rolled_back(c, RECORD_ROLLED_BACK);
	c->failing = ERROR_DENIED;
	resolve_all(c, c->journal);
	assert_string_equal(c->told, "green-left:i-green the cloud said no\n");
	history_is(c, "intent/check/terminate-instance/ outcome/check/terminate-instance/req-e ");
}

static void a_record_without_machines_is_closed(void **state)
{
	struct cloud *c = *state;
	struct error err = ERROR_INIT;
	struct record r;
	bool found;

	record_rolled_back(c, RECORD_RUNNING);
	resolve_all(c, c->journal);
	assert_string_equal(c->told, "record-without-machines:rb-1 done\n");
	assert_int_equal(c->log_count, 0);
	must(record_find(c->journal, "rb-1", &c->account.arena, &r, &found, &err), &err);
	assert_int_equal(r.state, RECORD_FAILED);
	speaks(r.cause, "closed by check");
}

static void the_lease_of_the_dead_is_given_back(void **state)
{
	struct cloud *c = *state;
	struct error err = ERROR_INIT;
	struct lease_view lease;

	add_rolled_back(&c->account);
	record_rolled_back(c, RECORD_ROLLED_BACK);
	drive(c, NOW_MS - LEASE_LIFE_MS - 1);
	resolve_all(c, c->journal);
	assert_string_equal(c->told, "lease-left:rb-1 done\n");
	must(lease_look(c->journal, "rb-1", NOW_MS, &lease, &err), &err);
	assert_int_equal(lease.state, LEASE_FREE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_cloud, close_cloud)
	const struct CMUnitTest tests[] = {
		TEST(without_a_journal_a_green_is_terminated_by_its_tags),
		TEST(the_intent_stands_in_the_journal_before_the_outcome),
		TEST(what_somebody_begins_to_drive_meanwhile_is_left),
		TEST(what_has_changed_since_it_was_found_is_left),
		TEST(an_effect_that_fails_is_told_and_recorded),
		TEST(a_record_without_machines_is_closed),
		TEST(the_lease_of_the_dead_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
