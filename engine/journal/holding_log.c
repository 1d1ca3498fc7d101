#include "journal/holding_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "journal/holding_text.h"
#include "journal/trouble.h"

enum {
	PATIENCE_MS = 10 * 1000, /* as SQLite has for its own locks (sqlite.c) */
	BYTES_MAX = 256 * 1024 * 1024,
	ROOM = HOLDING_LOG_FULL + 64 * 1024, /* the batch that fills it fits in as well */
};

/* Up to where the batches have led to the state with that number. */
struct place {
	int64_t number;
	size_t at;
};

struct holding_log {
	char *journal, *path; /* owned */
	enum journal_access access;
	int fd;                    /* -1: there is no file, or it has not been looked for */
	size_t end;                /* of the last whole batch that was taken in */
	size_t size;               /* of the file; zeros behind that, or what a writer left that died */
	struct holding_state last; /* after that batch */
	struct place read;         /* where the last reading ended */
	struct place settled;      /* what is before it is in the tables */
};

struct holding_log *holding_log_new(const char *journal, enum journal_access access)
{
	struct holding_log *l = alloc_zeroed(1, sizeof(*l));

	l->journal = alloc_text(journal);
	if (asprintf(&l->path, "%s-locks", journal) < 0)
		abort();
	l->access = access;
	l->fd = -1;
	return l;
}

static void forget(struct holding_log *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->end = l->size = 0;
	l->last = (struct holding_state){ .number = 0 };
	l->read = l->settled = (struct place){ .number = 0 };
}

void holding_log_free(struct holding_log *l)
{
	if (!l)
		return;
	forget(l);
	free(l->journal);
	free(l->path);
	free(l);
}

/* What errno means for the file; all others: it cannot be opened or written. */
static const struct {
	int number;
	enum trouble what;
} CODES[] = {
	{ ENOSPC, TROUBLE_FULL },
	{ EDQUOT, TROUBLE_FULL },
	{ EFBIG, TROUBLE_FULL },
	{ EIO, TROUBLE_DISK },
	{ EROFS, TROUBLE_READ_ONLY },
};

/* Always returns false. */
static bool unusable(const struct holding_log *l, int number, struct error *err)
{
	enum trouble what = TROUBLE_CLOSED;

	for (size_t i = 0; i < ARRAY_SIZE(CODES); i++)
		if (CODES[i].number == number)
			what = CODES[i].what;
	return trouble_set(l->path, what, strerror(number), err);
}

static bool write_at(struct holding_log *l, size_t at, const struct text *bytes, struct error *err)
{
	size_t done = 0;

	while (done < bytes->len) {
		ssize_t n = pwrite(l->fd, bytes->bytes + done, bytes->len - done, (off_t)(at + done));

		if (n < 0 && errno != EINTR)
			return unusable(l, errno, err);
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

static bool write_zeros(struct holding_log *l, size_t at, size_t len, struct error *err)
{
	struct text zeros = { .bytes = alloc_zeroed(1, len), .len = len };
	bool done = write_at(l, at, &zeros, err);

	free(zeros.bytes);
	return done;
}

/* For those who may use the journal, and owned as it is: root may serve for somebody. */
static bool make_file(struct holding_log *l, struct error *err)
{
	struct stat st;

	if (stat(l->journal, &st) < 0)
		return unusable(l, errno, err);
	l->fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, st.st_mode & 0666);
	if (l->fd < 0 || (geteuid() == 0 && fchown(l->fd, st.st_uid, st.st_gid) < 0))
		return unusable(l, errno, err);
	return true;
}

static bool open_file(struct holding_log *l, enum holding_log_use use, struct error *err)
{
	if (l->fd >= 0)
		return true;
	if (use == HOLDING_LOG_APPEND)
		return make_file(l, err);
	l->fd = open(l->path, (l->access == JOURNAL_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	return l->fd >= 0 || errno == ENOENT || unusable(l, errno, err);
}

/* flock(2) knows no limit of time of its own. */
static bool lock_file(struct holding_log *l, enum holding_log_use use, struct error *err)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	int how = (use == HOLDING_LOG_READ ? LOCK_SH : LOCK_EX) | LOCK_NB;

	for (int i = 0; flock(l->fd, how) < 0; i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return unusable(l, errno, err);
		if (i >= PATIENCE_MS)
			return trouble_set(l->path, TROUBLE_BUSY, NULL, err);
		nanosleep(&pause, NULL);
	}
	return true;
}

/* Opened and locked, and not one that was removed meanwhile. No file: true, and fd is -1. */
static bool hold_file(struct holding_log *l, enum holding_log_use use, struct error *err)
{
	struct stat st;

	for (;;) {
		if (!open_file(l, use, err))
			return false;
		if (l->fd < 0)
			return true;
		if (!lock_file(l, use, err))
			return false;
		if (fstat(l->fd, &st) < 0)
			return unusable(l, errno, err);
		if (st.st_nlink > 0)
			break;
		forget(l);
	}
	l->size = (size_t)st.st_size;
	return true;
}

/* Some of the file's bytes. */
static bool read_bytes(struct holding_log *l, size_t from, size_t to, struct text *ret, struct error *err)
{
	char chunk[64 * 1024];

	while (from < to) {
		size_t wanted = to - from < sizeof(chunk) ? to - from : sizeof(chunk);
		ssize_t n = pread(l->fd, chunk, wanted, (off_t)from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return unusable(l, n < 0 ? errno : EIO, err);
		text_add_bytes(ret, chunk, (size_t)n);
		from += (size_t)n;
	}
	return !ret->cut || unusable(l, EFBIG, err);
}

/* A batch that is not whole, and another one after it that is: nobody writes so. */
static bool is_torn_only(const char *bytes, size_t len)
{
	const char *next = bytes;
	struct holding_text t;

	while ((next = memmem(next, len - (size_t)(next - bytes), "\nbatch ", strlen("\nbatch ")))) {
		next++;
		if (holding_text_find(next, len - (size_t)(next - bytes), &t))
			return false;
	}
	return true;
}

static bool sync_folder(struct holding_log *l, struct error *err)
{
	auto_free char *folder = alloc_text(l->path);
	int fd, code;

	*(strrchr(folder, '/') + 1) = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return unusable(l, errno, err);
	code = fsync(fd) < 0 ? errno : 0;
	close(fd);
	return !code || unusable(l, code, err);
}

/* What is there from `end` on. The name of a file is on the disk after its folder is. */
static bool sync_new(struct holding_log *l, struct error *err)
{
	if (fdatasync(l->fd) < 0)
		return unusable(l, errno, err);
	return l->end > 0 || sync_folder(l, err);
}

/* A place that was seen before and holds nothing new costs one byte. */
static bool has_news(const struct holding_log *l)
{
	char next;

	return l->fd >= 0 && (!l->end || (pread(l->fd, &next, 1, (off_t)l->end) == 1 && next));
}

/* Takes in what others added. They may have died before it was on the disk: then it is our matter. */
static bool catch_up(struct holding_log *l, struct error *err)
{
	auto_text new = { .bytes = NULL };
	struct holding_text t;
	size_t at = 0;

	if (!has_news(l))
		return true;
	text_init(&new, BYTES_MAX);
	if (!read_bytes(l, l->end, l->size, &new, err))
		return false;
	for (; holding_text_find(new.bytes + at, new.len - at, &t); at += t.size)
		l->last = t.to;
	if (!is_torn_only(new.bytes + at, new.len - at))
		return trouble_set(l->path, TROUBLE_DAMAGED, NULL, err);
	if (at && l->access == JOURNAL_WRITE && !sync_new(l, err))
		return false;
	l->end += at;
	return true;
}

bool holding_log_enter(struct holding_log *l, enum holding_log_use use, struct error *err)
{
	if (hold_file(l, use, err) && catch_up(l, err))
		return true;
	forget(l);
	return false;
}

void holding_log_leave(struct holding_log *l)
{
	if (l->fd >= 0)
		flock(l->fd, LOCK_UN);
}

struct holding_state holding_log_last(const struct holding_log *l)
{
	return l->last;
}

size_t holding_log_size(const struct holding_log *l)
{
	return l->end;
}

static bool show_batch(struct holding_log *l, const struct holding_text *t,
	const struct holding_log_reader *r, struct error *err)
{
	struct holding_batch b;

	if (!holding_text_read(t, r->arena, &b))
		return trouble_set(l->path, TROUBLE_NEWER, NULL, err);
	return r->show(r->self, &b, err);
}

/* Batches from l->read on. */
static bool show_batches(struct holding_log *l, const struct text *bytes, const struct holding_log_reader *r,
	struct error *err)
{
	int64_t after = r->after;
	struct holding_text t;
	size_t shown = 0;

	for (size_t at = 0; shown < r->most && holding_text_find(bytes->bytes + at, bytes->len - at, &t);
		at += t.size) {
		l->read = (struct place){ t.to.number, l->read.at + t.size };
		if (t.to.number <= after)
			continue;
		if (t.from != after)
			return trouble_set(
				l->path, TROUBLE_DAMAGED, "it belongs to another state of the journal", err);
		if (!show_batch(l, &t, r, err))
			return false;
		after = t.to.number;
		shown += t.size;
	}
	return true;
}

bool holding_log_read(struct holding_log *l, const struct holding_log_reader *r, struct error *err)
{
	auto_text bytes = { .bytes = NULL };

	l->read = l->settled.number == r->after ? l->settled : (struct place){ .number = 0 };
	text_init(&bytes, BYTES_MAX);
	return read_bytes(l, l->read.at, l->end, &bytes, err) && show_batches(l, &bytes, r, err);
}

void holding_log_note_settled(struct holding_log *l, int64_t number)
{
	if (l->read.number <= number)
		l->settled = (struct place){ number, l->read.at };
}

size_t holding_log_left(const struct holding_log *l)
{
	return l->end - l->settled.at;
}

/*
 * The file gets its room at once: a sync of what changes neither the file's size nor its place on the disk
 * has no metadata to write (fdatasync(2)), and takes half as long or less.
 */
static bool make_room(struct holding_log *l, struct error *err)
{
	if (l->size >= ROOM)
		return true;
	if (!write_zeros(l, l->size, ROOM - l->size, err))
		return false;
	l->size = ROOM;
	return true;
}

bool holding_log_append(struct holding_log *l, const struct holding_batch *b, struct error *err)
{
	auto_error ignored = ERROR_INIT;
	auto_text bytes = { .bytes = NULL };

	text_init(&bytes, BYTES_MAX);
	holding_text_add(b, &bytes);
	if (bytes.cut)
		return unusable(l, EFBIG, err);
	if (!make_room(l, err))
		return false;
	if (!write_at(l, l->end, &bytes, err) || !sync_new(l, err)) {
		(void)!write_zeros(l, l->end, bytes.len, &ignored);
		return false;
	}
	l->end += bytes.len;
	l->last = b->to;
	return true;
}

void holding_log_remove(struct holding_log *l)
{
	if (l->fd >= 0)
		unlink(l->path);
	forget(l);
}
