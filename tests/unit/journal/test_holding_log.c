/* The log of locks beside a journal in a file: what was acknowledged is there after sudden death, and nothing else. */
#include "fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "journal/database.h"
#include "journal/holding.h"
#include "journal/holding_log.h"

enum { NUMBER_AT_FIRST = 1, LARGE = HOLDING_LOG_FULL };

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
	*(int *)self += c->kind == HOLDING_TAKEN;
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
		TEST(the_log_is_as_private_as_the_journal),
	};

	return cmocka_run_group_tests(tests, use_sqlite, leave_backend);
}
