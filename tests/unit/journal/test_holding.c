/* Locks on the disk: all or nothing, and nobody decides on what is outdated. */
#include "fixture.h"

#include "journal/holding.h"

/* What holding_read() showed, as text. */
static void show_lock(void *self, const struct holding_lock *l)
{
	char *text = self;

	snprintf(text + strlen(text), 512 - strlen(text), "%s:%d%s ", l->name, (int)l->slots,
		l->enabled ? "" : "!");
}

static void show_holder(void *self, const struct holding *h)
{
	char *text = self;

	snprintf(text + strlen(text), 512 - strlen(text), "%s=%s/%s@%d ", h->lock, h->holder, h->via,
		(int)h->since_ms);
}

static void settle(struct journal *j)
{
	struct error err = ERROR_INIT;

	must(holding_settle(j, &err), &err);
}

/* What is only in a log is test_holding_log.c's matter. */
static void no_change(void *self, const struct holding_change *c)
{
	(void)self, (void)c;
	fail_msg("a change that was not settled");
}

static void reads_as(struct journal *j, const char *expected)
{
	const struct holding_sink sink = {
		.lock = show_lock, .holder = show_holder, .change = no_change, .self = (char[512]){ "" }
	};
	struct error err = ERROR_INIT;

	must(holding_read(j, &sink, &err), &err);
	assert_string_equal(sink.self, expected);
}

static void settles_as(struct journal *j, const char *expected)
{
	settle(j);
	reads_as(j, expected);
}

static struct holding_change created(int64_t id, const char *name)
{
	return (struct holding_change){
		.kind = HOLDING_LOCK_CREATED,
		.lock = { .id = id,
			.name = name,
			.slots = 1,
			.enabled = true,
			.created_ms = 5,
			.updated_ms = 5 },
		.event_id = id + 100,
	};
}

static struct holding_change taken(int64_t id, const char *name, const char *holder)
{
	struct holding_change c = created(id, name);

	c.kind = HOLDING_TAKEN;
	c.event_id = id + 200;
	c.holder = holder;
	c.via = "fdlm";
	c.lock.updated_ms = 7;
	return c;
}

/* Saves on top of the state with number `from`; true if it was not outdated. */
static bool save(struct journal *j, int64_t from, const struct holding_change *changes, size_t count)
{
	struct error err = ERROR_INIT;
	const struct holding_batch b = { from, { from + 1, 900 }, changes, count };
	bool outdated;

	must(holding_save(j, &b, &outdated, &err), &err);
	return !outdated;
}

static void what_was_saved_is_there_for_others(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_journal *other = open_at(f->path, JOURNAL_READ);
	struct holding_state seen;
	const struct holding_change changes[] = { created(1, "db"), created(2, "web"),
		taken(2, "web", "host-a") };

	assert_true(save(f->j, 1, changes, 3));
	settle(f->j);
	reads_as(other, "db:1 web:1 web=host-a/fdlm@7 ");
	must(holding_look(other, &seen, &err), &err);
	assert_int_equal(seen.number, 2);
	assert_int_equal(seen.last_id, 900);
}

static void who_decided_on_an_outdated_state_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const struct holding_change first[] = { created(1, "db"), taken(1, "db", "host-a") };
	const struct holding_change late[] = { taken(1, "db", "host-b") };

	assert_true(save(f->j, 1, first, 2));
	assert_false(save(f->j, 1, late, 1));
	settles_as(f->j, "db:1 db=host-a/fdlm@7 ");
}

static void a_batch_that_fails_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;
	const struct holding_change twice[] = { created(1, "db"), created(2, "db") };
	const struct holding_batch b = { 1, { 2, 2 }, twice, 2 };
	struct holding_state seen;
	char in_the_way[POSTGRES_URL_SIZE + 8];
	bool outdated;

	snprintf(in_the_way, sizeof(in_the_way), "%s-locks", f->path);
	if (!f->backend->is_postgres) /* a database would find it out; a log cannot be written if it is a folder */
		assert_int_equal(mkdir(in_the_way, 0700), 0);
	assert_false(holding_save(f->j, &b, &outdated, &err));
	error_release(&err);
	rmdir(in_the_way);
	settles_as(f->j, "");
	must(holding_look(f->j, &seen, &err), &err);
	assert_int_equal(seen.number, 1);
}

static void a_lock_changes_and_goes_with_its_events(void **state)
{
	struct fixture *f = *state;
	struct holding_change c[] = { created(1, "db"), taken(1, "db", "host-a") };

	assert_true(save(f->j, 1, c, 2));
	c[0].kind = HOLDING_GIVEN_BACK;
	c[0].holder = "host-a";
	c[0].event_id = 301;
	c[1] = created(1, "db");
	c[1].kind = HOLDING_LOCK_DISABLED;
	c[1].event_id = 302;
	c[1].lock.enabled = false;
	c[1].lock.slots = 3;
	assert_true(save(f->j, 2, c, 2));
	settles_as(f->j, "db:3! ");
	c[0].kind = HOLDING_LOCK_DELETED;
	assert_true(save(f->j, 3, c, 1));
	settles_as(f->j, "");
}

static void show_event(void *self, const struct holding_event *e)
{
	char *text = self;

	snprintf(text + strlen(text), 512 - strlen(text), "%d %s %s; ", (int)e->at_ms,
		holding_change_name(e->kind), e->holder);
}

static void events_are_told_newest_first_and_old_ones_are_forgotten(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	const struct holding_change c[] = { created(1, "db"), taken(1, "db", "host-a") };
	char all[512] = "", one[512] = "", left[512] = "";
	bool more;

	assert_true(save(f->j, 1, c, 2));
	must(holding_events(f->j, 1, &(struct holding_event_sink){ show_event, all, 10 }, &err), &err);
	assert_string_equal(all, "7 taken host-a; 5 created ; ");
	must(holding_events(f->j, 1, &(struct holding_event_sink){ show_event, one, 1 }, &err), &err);
	assert_string_equal(one, "7 taken host-a; ");
	must(holding_prune(f->j, 6, &more, &err), &err);
	assert_false(more);
	must(holding_events(f->j, 1, &(struct holding_event_sink){ show_event, left, 10 }, &err), &err);
	assert_string_equal(left, one);
}

static void count_event(void *self, const struct holding_event *e)
{
	(void)e;
	++*(int *)self;
}

static int events_of(struct journal *j, int64_t lock)
{
	struct error err = ERROR_INIT;
	int count = 0;

	must(holding_events(j, lock, &(struct holding_event_sink){ count_event, &count, 10000 }, &err), &err);
	return count;
}

static void a_lock_that_comes_and_goes_in_one_batch_leaves_no_events(void **state)
{
	struct fixture *f = *state;
	struct holding_change c[] = { created(3, "web"), created(1, "db"), created(1, "db"), created(2, "db"),
		taken(2, "db", "host-a") };

	c[2].kind = HOLDING_LOCK_DELETED;
	assert_true(save(f->j, 1, c, ARRAY_SIZE(c)));
	settles_as(f->j, "db:1 web:1 db=host-a/fdlm@7 ");
	assert_int_equal(events_of(f->j, 1), 0);
	assert_int_equal(events_of(f->j, 2), 2);
	assert_int_equal(events_of(f->j, 3), 1);
}

/* Events are written 16 and 4 at a time, and the others alone. */
static void a_batch_of_any_size_has_an_event_for_each_change(void **state)
{
	static const size_t SIZES[] = { 1, 3, 4, 5, 15, 16, 17, 21, 73 };
	struct fixture *f = *state;
	struct holding_change c[73];
	int64_t event = 100;
	size_t told = 0;

	for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++) {
		for (size_t n = 0; n < SIZES[i]; n++) {
			c[n] = created(1, "db");
			c[n].event_id = event++;
		}
		assert_true(save(f->j, (int64_t)i + 1, c, SIZES[i]));
		told += SIZES[i];
		assert_int_equal(events_of(f->j, 1), told);
	}
}

/* Others want the database in between. */
static void old_events_go_piece_by_piece(void **state)
{
	static struct holding_change c[2 * HOLDING_PRUNED_AT_ONCE + 1];
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	int left = ARRAY_SIZE(c);
	bool more = true;

	for (int i = 0; i < left; i++) {
		c[i] = created(1, "db");
		c[i].event_id = i + 1;
	}
	assert_true(save(f->j, 1, c, ARRAY_SIZE(c)));
	assert_int_equal(events_of(f->j, 1), left);
	while (more) {
		must(holding_prune(f->j, 6, &more, &err), &err);
		left -= more ? HOLDING_PRUNED_AT_ONCE : left;
		assert_int_equal(events_of(f->j, 1), left);
	}
	assert_int_equal(left, 0);
}

static void save_for_ever(void *arg)
{
	struct fixture *f = arg;
	struct journal *j = open_at(f->path, JOURNAL_WRITE);
	const struct holding_change c[] = { created(1, "db"), taken(1, "db", "host-a") };

	save(j, 1, c, 2);
	_exit(0); /* without closing: as if killed */
}

static void what_was_saved_survives_the_process(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(in_child(save_for_ever, f), 0);
	settles_as(f->j, "db:1 db=host-a/fdlm@7 ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(what_was_saved_is_there_for_others),
		TEST(who_decided_on_an_outdated_state_changes_nothing),
		TEST(a_batch_that_fails_leaves_nothing_behind),
		TEST(a_lock_changes_and_goes_with_its_events),
		TEST(events_are_told_newest_first_and_old_ones_are_forgotten),
		TEST(a_lock_that_comes_and_goes_in_one_batch_leaves_no_events),
		TEST(a_batch_of_any_size_has_an_event_for_each_change),
		TEST(old_events_go_piece_by_piece),
		TEST(what_was_saved_survives_the_process),
	};

	return RUN_ON_BOTH(tests);
}
