/* What a journal file may be, and what is said about one that it may not be. */
#include "file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "journal/database.h"
#include "journal/schema.h"
#include "journal/trouble.h"

static void the_default_file_is_in_the_state_folder_of_the_user(void **state)
{
	auto_free char *xdg = journal_default_path("/var/state", "/home/anna");
	auto_free char *home = journal_default_path(NULL, "/home/anna");
	auto_free char *relative = journal_default_path("state", "/home/anna");

	(void)state;
	assert_string_equal(xdg, "/var/state/changeover/journal.db");
	assert_string_equal(home, "/home/anna/.local/state/changeover/journal.db");
	assert_string_equal(relative, home);
	assert_null(journal_default_path(NULL, NULL));
}

static void nobody_else_can_read_it(void **state)
{
	struct fixture *f = *state;
	auto_free char *folder = NULL;
	struct stat st;

	f->j = open_at(f->path, JOURNAL_WRITE);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(asprintf(&folder, "%s/state", f->folder) > 0);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static int64_t pragma(struct journal *j, const char *sql)
{
	struct error err = ERROR_INIT;
	int64_t number;

	must(database_number(j, sql, &number, &err), &err);
	return number;
}

static void every_commit_is_synced_in_a_way_that_no_crash_undoes(void **state)
{
	struct fixture *f = *state;
	auto_statement *s = NULL;
	struct error err = ERROR_INIT;
	bool found;

	f->j = open_at(f->path, JOURNAL_WRITE);
	assert_int_equal(pragma(f->j, "PRAGMA synchronous"), 3);
	must(database_prepare(f->j, "PRAGMA journal_mode", &s, &err), &err);
	must(statement_next(s, &found, &err), &err);
	assert_string_equal(statement_text(s, 0), "persist");
}

static void the_rollback_journal_stays_until_the_last_writer_closes(void **state)
{
	struct fixture *f = *state;
	auto_free char *beside = NULL;
	struct journal *other;

	assert_true(asprintf(&beside, "%s-journal", f->path) > 0);
	f->j = open_at(f->path, JOURNAL_WRITE);
	assert_int_equal(access(beside, F_OK), 0);
	other = open_at(f->path, JOURNAL_READ);
	journal_close(other);
	assert_int_equal(access(beside, F_OK), 0);
	journal_close(f->j);
	f->j = NULL;
	assert_int_equal(access(beside, F_OK), -1);
}

static void other_programs_can_tell_what_it_is(void **state)
{
	struct fixture *f = *state;

	f->j = open_at(f->path, JOURNAL_WRITE);
	assert_int_equal(pragma(f->j, "PRAGMA application_id"), 0x43484756);
	assert_int_equal(pragma(f->j, "PRAGMA user_version"), SCHEMA_VERSION);
}

static void every_journal_has_a_name_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	struct journal *other = NULL;
	char id[64];

	f->j = open_at(f->path, JOURNAL_WRITE);
	snprintf(id, sizeof(id), "%s", journal_id(f->j));
	assert_memory_equal(id, "jr-", 3);
	must(journal_open_temporary(&other, &err), &err);
	assert_string_not_equal(journal_id(other), id);
	journal_close(other);
	journal_close(f->j);
	f->j = open_at(f->path, JOURNAL_WRITE);
	assert_string_equal(journal_id(f->j), id);
}

static void opening_again_keeps_what_is_there(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;
	auto_arena a = ARENA_INIT;
	struct record r;
	bool found;

	journal_close(open_at(f->path, JOURNAL_WRITE));
	f->j = open_at(f->path, JOURNAL_WRITE);
	must(record_create(f->j, &(struct record){ .id = "rb-1" }, &err), &err);
	journal_close(f->j);
	f->j = open_at(f->path, JOURNAL_READ);
	must(record_find(f->j, "rb-1", &a, &r, &found, &err), &err);
	assert_true(found);
}

static void reading_neither_creates_nor_writes(void **state)
{
	struct fixture *f = *state;
	auto_error err = ERROR_INIT;

	refused(f->path, JOURNAL_READ, ERROR_MISSING, "there is none");
	assert_int_equal(access(f->path, F_OK), -1);
	journal_close(open_at(f->path, JOURNAL_WRITE));
	f->j = open_at(f->path, JOURNAL_READ);
	assert_false(record_create(f->j, &(struct record){ .id = "rb-1" }, &err));
}

static void write_file(const char *path, const char *bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0 && write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
	close(fd);
}

static void a_file_that_is_no_database_is_left_as_it_is(void **state)
{
	static const char BYTES[] =
		"these are my notes, do not overwrite them: a line long enough for a header "
		"of a hundred bytes\n";
	struct fixture *f = *state;
	char path[128], found[256] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/notes", f->folder);
	write_file(path, BYTES);
	refused(path, JOURNAL_WRITE, ERROR_LOCAL, "not a journal");
	refused(path, JOURNAL_READ, ERROR_LOCAL, "not a journal");
	fd = open(path, O_RDONLY);
	assert_true(read(fd, found, sizeof(found) - 1) > 0);
	close(fd);
	assert_string_equal(found, BYTES);
}

static void the_database_of_another_program_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/other.db", f->folder);
	change(path, "CREATE TABLE contacts (name TEXT)");
	refused(path, JOURNAL_WRITE, ERROR_LOCAL, "not a journal");
	refused(path, JOURNAL_READ, ERROR_LOCAL, "not a journal");
}

static void fill(const char *path)
{
	struct journal *j = open_at(path, JOURNAL_WRITE);
	struct error err = ERROR_INIT;
	char id[16];

	for (int i = 0; i < 40; i++) {
		struct event events[20];

		snprintf(id, sizeof(id), "rb-%d", i);
		must(record_create(
			     j, &(struct record){ .id = id, .state = RECORD_DONE, .created_ms = i }, &err),
			&err);
		for (size_t k = 0; k < ARRAY_SIZE(events); k++)
			events[k] = (struct event){
				.rebuild = id, .kind = EVENT_NOTE, .detail = "a line of history"
			};
		must(journal_append(j, events, ARRAY_SIZE(events), &err), &err);
	}
	journal_close(j);
}

static off_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* One of a single byte is an empty one to SQLite. */
static void a_file_without_bytes_is_refused_and_left(void **state)
{
	struct fixture *f = *state;

	fill(f->path);
	for (off_t left = 1; left >= 0; left--) {
		assert_int_equal(truncate(f->path, left), 0);
		refused(f->path, JOURNAL_WRITE, ERROR_LOCAL, "it is empty");
		refused(f->path, JOURNAL_READ, ERROR_LOCAL, "it is empty");
		assert_int_equal(size_of(f->path), left);
	}
}

static void a_folder_is_refused(void **state)
{
	struct fixture *f = *state;

	refused(f->folder, JOURNAL_WRITE, ERROR_LOCAL, "a folder");
	refused(f->folder, JOURNAL_READ, ERROR_LOCAL, "a folder");
}

static void a_file_that_lost_its_end_is_refused_wherever_it_was_cut(void **state)
{
	struct fixture *f = *state;

	fill(f->path);
	for (off_t left = size_of(f->path) - 1; left > 1; left /= 2) {
		assert_int_equal(truncate(f->path, left), 0);
		refused(f->path, JOURNAL_WRITE, ERROR_LOCAL, "damaged");
		assert_int_equal(size_of(f->path), left);
	}
}

static bool count_one(void *self, const struct event *e)
{
	(void)e;
	++*(size_t *)self;
	return true;
}

/* Opened, with all that was filled in; or refused as damaged: then false. */
static bool is_whole(const char *path)
{
	auto_journal *j = NULL;
	auto_error err = ERROR_INIT;
	size_t count = 0;

	if (!journal_open(path, JOURNAL_WRITE, &j, &err)) {
		assert_non_null(strstr(err.message, "damaged"));
		return false;
	}
	must(journal_events(j, NULL, 0, count_one, &count, &err), &err);
	assert_int_equal(count, 40 * 20);
	return true;
}

/* The beginning of a page says what kind of page it is, and where its cells are. */
static void a_file_with_a_damaged_page_is_refused_unless_the_page_is_free(void **state)
{
	enum { PAGE = 4096, RUBBISH = 8 };
	struct fixture *f = *state;
	unsigned char before[RUBBISH], rubbish[RUBBISH];
	int64_t used, refusals = 0;
	int fd;

	fill(f->path);
	f->j = open_at(f->path, JOURNAL_READ);
	used = pragma(f->j, "PRAGMA page_count") - pragma(f->j, "PRAGMA freelist_count");
	journal_close(f->j);
	f->j = NULL;
	memset(rubbish, 0xff, sizeof(rubbish));
	fd = open(f->path, O_RDWR);
	for (off_t at = PAGE; at < size_of(f->path); at += PAGE) {
		assert_int_equal(pread(fd, before, sizeof(before), at), sizeof(before));
		assert_int_equal(pwrite(fd, rubbish, sizeof(rubbish), at), sizeof(rubbish));
		if (is_whole(f->path))
			continue; /* and was written to meanwhile */
		refusals++;
		assert_int_equal(pwrite(fd, before, sizeof(before), at), sizeof(before));
	}
	close(fd);
	assert_true(used > 20);
	assert_true(refusals >= used - 1); /* not the first page, which says what file this is */
	assert_true(is_whole(f->path));
}

/* quick_check alone would let it pass, and the machine would seem never to have been rebuilt. */
static void an_index_that_does_not_agree_with_its_table_is_refused(void **state)
{
	struct fixture *f = *state;

	fill(f->path);
	change(f->path,
		"PRAGMA writable_schema = ON;"
		"UPDATE sqlite_master SET sql = replace(sql, 'rebuild_by_age ON rebuild (created_ms)',"
		" 'rebuild_by_age ON rebuild (updated_ms)') WHERE name = 'rebuild_by_age'");
	refused(f->path, JOURNAL_WRITE, ERROR_LOCAL, "damaged");
}

static void the_way_out_is_named_whatever_is_wrong(void **state)
{
	(void)state;
	for (int t = TROUBLE_NO_FILE; t <= TROUBLE_DISK; t++) {
		auto_error err = ERROR_INIT;

		assert_false(trouble_set("/j", (enum trouble)t, NULL, &err));
		if (t != TROUBLE_BUSY)
			assert_non_null(strstr(err.hint, "changeover resume --without-journal"));
	}
}

/* The rest needs a small file system of its own: in a mount namespace, so that nothing stays. */
static bool mount_small(const char *folder)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	return mount("none", folder, "tmpfs", 0, "size=96k") == 0;
}

enum { CHILD_PASSED = 0, CHILD_CANNOT = 77, CHILD_FAILED = 1 };

static bool child_refused(const char *path, const char *word)
{
	auto_error err = ERROR_INIT;
	struct journal *j = NULL;

	if (journal_open(path, JOURNAL_WRITE, &j, &err))
		return false;
	return err.kind == ERROR_LOCAL && strstr(err.message, word) && strstr(err.message, path) && err.hint;
}

static void on_a_full_disk(void *arg)
{
	const struct fixture *f = arg;

	if (!mount_small(f->folder))
		_exit(CHILD_CANNOT);
	_exit(child_refused(f->path, "disk is full") ? CHILD_PASSED : CHILD_FAILED);
}

static void on_a_read_only_disk(void *arg)
{
	const struct fixture *f = arg;

	if (!mount_small(f->folder))
		_exit(CHILD_CANNOT);
	if (mount("none", f->folder, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		_exit(CHILD_CANNOT);
	_exit(child_refused(f->path, "Read-only file system") ? CHILD_PASSED : CHILD_FAILED);
}

static void on_a_disk_that_became_read_only(void *arg)
{
	const struct fixture *f = arg;
	auto_error err = ERROR_INIT;
	struct journal *j = NULL;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount(f->folder, f->folder, NULL, MS_BIND, NULL) < 0 ||
		mount(NULL, f->folder, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		_exit(CHILD_CANNOT);
	if (!child_refused(f->path, "cannot be written"))
		_exit(CHILD_FAILED);
	_exit(journal_open(f->path, JOURNAL_READ, &j, &err) ? CHILD_PASSED : CHILD_FAILED);
}

static void passes_in_child(void (*child)(void *), struct fixture *f)
{
	int status = in_child(child, f);

	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_CANNOT)
		skip();
	assert_int_equal(status, 0);
}

static void a_full_disk_is_refused_before_anything_is_touched(void **state)
{
	passes_in_child(on_a_full_disk, *state);
}

static void a_read_only_disk_is_refused_before_anything_is_touched(void **state)
{
	passes_in_child(on_a_read_only_disk, *state);
}

static void a_journal_on_a_read_only_disk_can_be_read(void **state)
{
	struct fixture *f = *state;

	journal_close(open_at(f->path, JOURNAL_WRITE));
	passes_in_child(on_a_disk_that_became_read_only, f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_all)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_file_is_in_the_state_folder_of_the_user),
		TEST(nobody_else_can_read_it),
		TEST(every_commit_is_synced_in_a_way_that_no_crash_undoes),
		TEST(the_rollback_journal_stays_until_the_last_writer_closes),
		TEST(other_programs_can_tell_what_it_is),
		TEST(opening_again_keeps_what_is_there),
		TEST(every_journal_has_a_name_of_its_own),
		TEST(reading_neither_creates_nor_writes),
		TEST(a_file_that_is_no_database_is_left_as_it_is),
		TEST(the_database_of_another_program_is_refused),
		TEST(a_file_without_bytes_is_refused_and_left),
		TEST(a_folder_is_refused),
		TEST(a_file_that_lost_its_end_is_refused_wherever_it_was_cut),
		TEST(a_file_with_a_damaged_page_is_refused_unless_the_page_is_free),
		TEST(an_index_that_does_not_agree_with_its_table_is_refused),
		cmocka_unit_test(the_way_out_is_named_whatever_is_wrong),
		TEST(a_full_disk_is_refused_before_anything_is_touched),
		TEST(a_read_only_disk_is_refused_before_anything_is_touched),
		TEST(a_journal_on_a_read_only_disk_can_be_read),
	};

	return cmocka_run_group_tests(tests, use_sqlite, leave_backend);
}
