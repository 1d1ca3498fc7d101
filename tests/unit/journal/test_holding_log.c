/* The log of locks beside a journal in a file: what was acknowledged is there after sudden death, and nothing else. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/file.h"
#include "journal/database.h"
#include "journal/holding.h"
#include "journal/holding_log.h"

enum { NUMBER_AT_FIRST = 1, LARGE = HOLDING_LOG_FULL, CROWD = 100, CROWDS = 40, ROUNDS = 8 };

static void path_of(const struct fixture *f, char ret[POSTGRES_URL_SIZE + 8])
{
	snprintf(ret, POSTGRES_URL_SIZE + 8, "%s-locks", f->path);
}

static struct text read_log(const struct fixture *f)
{
	char path[POSTGRES_URL_SIZE + 8];
	struct error err = ERROR_INIT;
	struct text bytes;

	path_of(f, path);
	text_init(&bytes, 64 * 1024 * 1024);
	must(file_read(path, &bytes, &err), &err);
	bytes.len = strlen(bytes.bytes); /* without the room for others */
	return bytes;
}

static void write_log(const struct fixture *f, const char *bytes, size_t len)
{
	char path[POSTGRES_URL_SIZE + 8];
	FILE *file;

	path_of(f, path);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

static bool has_log(const struct fixture *f)
{
	char path[POSTGRES_URL_SIZE + 8];

	path_of(f, path);
	return access(path, F_OK) == 0;
}

static struct holding_change change(enum holding_change_kind kind, int64_t event, const char *holder)
{
	return (struct holding_change){
		.kind = kind,
		.lock = { .id = 1, .name = "db", .slots = 9, .enabled = true, .updated_ms = event },
		.event_id = event,
		.holder = holder,
		.via = "fdlm",
	};
}

/* Saves a batch on top of the state with that number: the lock itself first, then a holder for each. */
static bool try_save(struct journal *j, int64_t from, bool *ret_outdated, struct error *err)
{
	struct holding_change c = change(HOLDING_LOCK_CREATED, 100, NULL);
	const struct holding_batch b = { from, { from + 1, 100 + from }, &c, 1 };
	char holder[32];

	snprintf(holder, sizeof(holder), "host-%d", (int)from);
	if (from > NUMBER_AT_FIRST)
		c = change(HOLDING_TAKEN, 100 + from, holder);
	return holding_save(j, &b, ret_outdated, err);
}

static void save(struct journal *j, int64_t from)
{
	struct error err = ERROR_INIT;
	bool outdated;

	must(try_save(j, from, &outdated, &err), &err);
	assert_false(outdated);
}

/* A batch in which CROWD machines take the lock if its number is even, and give it back if it is odd. */
static void save_crowd(struct journal *j, int64_t from)
{
	struct holding_change changes[CROWD];
	const struct holding_batch b = { from, { from + 1, (from + 1) * CROWD }, changes, CROWD };
	struct error err = ERROR_INIT;
	char names[CROWD][16];
	bool outdated;

	for (int i = 0; i < CROWD; i++) {
		snprintf(names[i], sizeof(names[i]), "host-%d", i);
		changes[i] = change(
			from % 2 ? HOLDING_GIVEN_BACK : HOLDING_TAKEN, 100 + from * CROWD + i, names[i]);
	}
	must(holding_save(j, &b, &outdated, &err), &err);
	assert_false(outdated);
}

static void settle_slice(struct journal *j)
{
	struct error err = ERROR_INIT;

	must(holding_settle_slice(j, &err), &err);
}

static int64_t number(struct journal *j)
{
	struct error err = ERROR_INIT;
	struct holding_state seen;

	must(holding_look(j, &seen, &err), &err);
	return seen.number;
}

static void settle(struct journal *j)
{
	struct error err = ERROR_INIT;

	must(holding_settle(j, &err), &err);
}

static void count_lock(void *self, const struct holding_lock *l)
{
	(void)self, (void)l;
}

static void count_holder(void *self, const struct holding *h)
{
	(void)h;
	++*(int *)self;
}

static void count_change(void *self, const struct holding_change *c)
{
	*(int *)self += (c->kind == HOLDING_TAKEN) - (c->kind == HOLDING_GIVEN_BACK);
}

/* How many holders there are, in the tables and in the log. */
static int holders(struct journal *j)
{
	struct error err = ERROR_INIT;
	int count = 0;

	must(holding_read(j, &(struct holding_sink){ count_lock, count_holder, count_change, &count }, &err),
		&err);
	return count;
}

static void reopen(struct fixture *f)
{
	journal_close(f->j);
	f->j = open_at(f->path, JOURNAL_WRITE);
}

/* Cheaper than to open the journal anew: that proves that there is room. */
static void forget(struct fixture *f)
{
	holding_log_free(f->j->log);
	f->j->log = holding_log_new(f->path, JOURNAL_WRITE);
}

static void who_only_reads_sees_what_is_not_in_the_tables_yet(void **state)
{
	struct fixture *f = *state;
	auto_journal *reader = open_at(f->path, JOURNAL_READ);

	save(f->j, 1);
	assert_int_equal(number(reader), 2);
	save(f->j, 2);
	save(f->j, 3);
	assert_true(has_log(f));
	assert_int_equal(number(reader), 4);
	assert_int_equal(holders(reader), 2);
	settle(f->j);
	assert_false(has_log(f));
	assert_int_equal(number(reader), 4);
	assert_int_equal(holders(reader), 2);
}

/* The last batch is cut at each of its bytes in turn, as if the machine lost power while it was written. */
static void a_batch_that_is_not_whole_never_was(void **state)
{
	struct fixture *f = *state;
	auto_text two = { .bytes = NULL }, three = { .bytes = NULL };

	save(f->j, 1);
	save(f->j, 2);
	two = read_log(f);
	save(f->j, 3);
	three = read_log(f);
	for (size_t len = two.len; len <= three.len; len++) {
		write_log(f, three.bytes, len);
		forget(f);
		assert_int_equal(number(f->j), len < three.len ? 3 : 4);
	}
	for (size_t at = two.len; at < three.len; at++) {
		char was = three.bytes[at];

		three.bytes[at] = '\0';
		write_log(f, three.bytes, three.len);
		forget(f);
		assert_int_equal(number(f->j), 3);
		three.bytes[at] = was;
	}
	write_log(f, three.bytes, three.len - 1);
	forget(f);
	save(f->j, 3); /* over what was left of it */
	save(f->j, 4);
	settle(f->j);
	assert_int_equal(holders(f->j), 3);
}

/* Whoever settled died before the file was removed. */
static void what_is_in_the_tables_already_is_not_done_again(void **state)
{
	struct fixture *f = *state;
	auto_text kept = { .bytes = NULL };

	save(f->j, 1);
	save(f->j, 2);
	kept = read_log(f);
	settle(f->j);
	write_log(f, kept.bytes, kept.len);
	reopen(f);
	assert_int_equal(number(f->j), 3);
	assert_int_equal(holders(f->j), 1);
	save(f->j, 3);
	assert_int_equal(holders(f->j), 2);
	settle(f->j);
	assert_int_equal(number(f->j), 4);
	assert_int_equal(holders(f->j), 2);
}

static void who_saw_a_log_that_is_gone_sees_the_next_one(void **state)
{
	struct fixture *f = *state;
	auto_journal *other = open_at(f->path, JOURNAL_WRITE);
	struct error err = ERROR_INIT;
	bool outdated;

	save(f->j, 1);
	assert_int_equal(number(other), 2);
	settle(other);
	save(other, 2);
	assert_int_equal(number(f->j), 3);
	must(try_save(f->j, 2, &outdated, &err), &err);
	assert_true(outdated);
	save(f->j, 3);
	settle(f->j);
	save(other, 4);
	assert_int_equal(holders(f->j), 3);
}

static void refused(struct fixture *f, const char *word)
{
	struct holding_state seen;
	struct error err = ERROR_INIT;
	bool looked, outdated;

	reopen(f);
	looked = holding_look(f->j, &seen, &err);
	if (looked)
		looked = try_save(f->j, seen.number, &outdated, &err) && holding_settle(f->j, &err);
	assert_false(looked);
	if (!strstr(err.message, word))
		fail_msg("%s", err.message);
	error_release(&err);
}

static void a_log_that_is_damaged_is_refused(void **state)
{
	struct fixture *f = *state;
	auto_text bytes = { .bytes = NULL };

	for (int64_t from = 1; from <= 3; from++)
		save(f->j, from);
	bytes = read_log(f);
	strstr(bytes.bytes, "host-2")[5] = '7';
	write_log(f, bytes.bytes, bytes.len);
	refused(f, "damaged");
}

/* Somebody put an older copy of the journal in its place. */
static void a_log_of_another_state_of_the_journal_is_refused(void **state)
{
	struct fixture *f = *state;
	auto_text first = { .bytes = NULL }, second = { .bytes = NULL };

	save(f->j, 1);
	first = read_log(f);
	save(f->j, 2);
	second = read_log(f);
	write_log(f, second.bytes + first.len, second.len - first.len);
	refused(f, "another state");
}

static void a_log_does_not_grow_for_ever(void **state)
{
	struct fixture *f = *state;
	struct holding_change *many = calloc(LARGE, sizeof(*many));
	const struct holding_batch b = { 2, { 3, LARGE + 200 }, many, LARGE / 32 };
	struct error err = ERROR_INIT;
	struct text bytes;
	bool outdated;

	assert_non_null(many);
	save(f->j, 1);
	for (size_t i = 0; i < b.count; i++)
		many[i] = change(HOLDING_LOCK_RESIZED, (int64_t)i + 200, NULL);
	must(holding_save(f->j, &b, &outdated, &err), &err);
	assert_false(outdated);
	free(many);
	save(f->j, 3);
	bytes = read_log(f);
	assert_true(bytes.len < 200);
	text_release(&bytes);
	assert_int_equal(number(f->j), 4);
	assert_int_equal(holders(f->j), 1);
}

static void count_event(void *self, const struct holding_event *e)
{
	(void)e;
	++*(int *)self;
}

/* All in the tables: each change is an event, once. */
static int events(struct journal *j)
{
	struct error err = ERROR_INIT;
	int count = 0;

	must(holding_events(j, 1, &(struct holding_event_sink){ count_event, &count, 1000000 }, &err), &err);
	return count;
}

/* What the tables have of it. */
static int64_t rows(struct journal *j, const char *sql)
{
	struct error err = ERROR_INIT;
	int64_t count;

	must(database_number(j, sql, &count, &err), &err);
	return count;
}

static void save_crowds(struct journal *j, int64_t count)
{
	save(j, 1);
	for (int64_t from = 2; from < 2 + count; from++)
		save_crowd(j, from);
}

static void readers_see_the_same_while_a_log_is_settled_in_slices(void **state)
{
	static const char SETTLED[] = "SELECT number FROM machine_lock_state";
	struct fixture *f = *state;
	auto_journal *reader = open_at(f->path, JOURNAL_READ);
	int64_t settled = NUMBER_AT_FIRST;
	int slices = 0;

	save_crowds(f->j, CROWDS + 1);
	for (; holding_left(f->j); slices++) {
		size_t left = holding_left(f->j);

		settle_slice(f->j);
		assert_true(left - holding_left(f->j) < 2 * HOLDING_SLICE);
		assert_true(rows(reader, SETTLED) > settled);
		settled = rows(reader, SETTLED);
		assert_int_equal(number(reader), CROWDS + 3);
		assert_int_equal(holders(reader), CROWD);
		assert_int_equal(holders(f->j), CROWD);
	}
	assert_true(slices > 3);
	assert_true(has_log(f));
	settle(f->j); /* nothing of what is left of it */
	assert_false(has_log(f));
	assert_int_equal(number(reader), CROWDS + 3);
	assert_int_equal(events(f->j), 1 + (CROWDS + 1) * CROWD);
}

static void between_slices_others_add_to_the_log_and_settle_it(void **state)
{
	struct fixture *f = *state;
	auto_journal *other = open_at(f->path, JOURNAL_WRITE);

	save_crowds(f->j, CROWDS);
	settle_slice(f->j);
	save_crowd(other, CROWDS + 2);
	settle_slice(other);
	save_crowd(f->j, CROWDS + 3);
	settle_slice(f->j);
	save_crowd(other, CROWDS + 4);
	assert_int_equal(holders(f->j), CROWD);
	settle(other);
	assert_false(has_log(f));
	settle_slice(f->j);
	save_crowd(f->j, CROWDS + 5);
	assert_int_equal(holders(other), 0);
	assert_int_equal(events(f->j), 1 + (CROWDS + 4) * CROWD);
}

/* Saves, and settles in slices, until it is killed; tells each number that is surely on the disk. */
struct busy {
	const char *path;
	int told[2];
};

static void work_until_killed(void *arg)
{
	const struct busy *b = arg;
	struct journal *j = open_at(b->path, JOURNAL_WRITE);

	for (int64_t from = number(j);; from++) {
		save_crowd(j, from);
		if (write(b->told[1], &from, sizeof(from)) != sizeof(from))
			_exit(1);
		if (holding_left(j) > HOLDING_SLICE / 4)
			settle_slice(j);
	}
}

/* Kills it after so many were told and some microseconds more, in the middle of whatever it does; returns the last. */
static int64_t kill_at_work(struct busy *b, int count, int us)
{
	int64_t told = 0, last = 0;
	pid_t pid;

	assert_int_equal(pipe(b->told), 0);
	pid = fork();
	if (pid == 0)
		work_until_killed(b);
	close(b->told[1]);
	for (int i = 0; i < count; i++)
		assert_int_equal(read(b->told[0], &last, sizeof(last)), sizeof(last));
	usleep((useconds_t)us);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(b->told[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	close(b->told[0]);
	return last;
}

static void who_is_killed_between_slices_or_within_one_loses_and_repeats_nothing(void **state)
{
	struct fixture *f = *state;
	struct busy b = { .path = f->path };

	save(f->j, 1);
	for (int round = 0; round < ROUNDS; round++) {
		int64_t last = kill_at_work(&b, 8 + round, round * 311), seen;

		reopen(f);
		seen = number(f->j);
		assert_in_range(seen, last + 1, last + 2); /* the last one was not told any more */
		assert_int_equal(holders(f->j), seen % 2 ? CROWD : 0);
		if (round % 3 == 0)
			assert_int_equal(events(f->j), 1 + (seen - 2) * CROWD);
	}
}

static void the_log_is_as_private_as_the_journal(void **state)
{
	struct fixture *f = *state;
	char path[POSTGRES_URL_SIZE + 8];
	struct stat st;

	save(f->j, 1);
	path_of(f, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_journal, remove_all)
	const struct CMUnitTest tests[] = {
		TEST(who_only_reads_sees_what_is_not_in_the_tables_yet),
		TEST(a_batch_that_is_not_whole_never_was),
		TEST(what_is_in_the_tables_already_is_not_done_again),
		TEST(who_saw_a_log_that_is_gone_sees_the_next_one),
		TEST(a_log_that_is_damaged_is_refused),
		TEST(a_log_of_another_state_of_the_journal_is_refused),
		TEST(a_log_does_not_grow_for_ever),
		TEST(readers_see_the_same_while_a_log_is_settled_in_slices),
		TEST(between_slices_others_add_to_the_log_and_settle_it),
		TEST(who_is_killed_between_slices_or_within_one_loses_and_repeats_nothing),
		TEST(the_log_is_as_private_as_the_journal),
	};

	return cmocka_run_group_tests(tests, use_sqlite, leave_backend);
}
