/*
 * points.c: counts the moments at which the sudden death of the engine makes a difference, and kills
 * it at one of them. It is preloaded (LD_PRELOAD) into the program as it is shipped, which knows
 * nothing of it: the calls into libcurl, libssh2 and SQLite *are* the boundaries between what the
 * engine means and what takes hold outside.
 *
 *	journal  before    nothing of the transaction is on the disk
 *	         inside    all of it is, and the rollback journal too: the next opener undoes it
 *	         after     it is durable, and nothing was done about it yet
 *	call     before    not handed to libcurl
 *	         replied   it took hold, and nobody has read the reply
 *	         after     the reply was read, and the engine knows nothing of it yet
 *	guest    before    the machine knows nothing of the command
 *	         sent      the machine is at work on it, alone
 *	         after     it has ended, and the engine knows nothing of it yet
 *
 * Between "journal after" and the "call before" that follows it nothing leaves the process: who dies
 * at the one has died at the other. Such points are one moment, and moments are what is counted: one
 * ends when a request, a command or a write is about to leave the process, or when something was
 * found to have happened outside. SIGKILL comes at the end of a moment, after all of its points, or as
 * soon as the process is about to wait.
 *
 * Environment: POINTS_LOG=FILE gets one line per point: the number of its moment, what is above, and a
 * name (the call's action, the script's, the table written to). SIGKILL comes in moment N with
 * POINTS_KILL=N, in the first one that has a point of a name with POINTS_AT="guest sent mount"; that
 * moment's points are the last lines then.
 */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#include <dlfcn.h>
#include <fcntl.h>
#include <libssh2.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NAME_SIZE = 48, NAMES_MAX = 64 };

/* What is under way at a transfer, a socket or a channel. */
struct name {
	const void *key; /* NULL: free */
	char text[NAME_SIZE];
};

/* A function that takes another one's place has no context to keep anything in: hence this one static. */
static struct points {
	bool begun;
	int log;
	long moment, kill_at;
	bool changed; /* there is something outside that was not there at the last point */
	bool dying;
	const char *kill_name;
	struct name names[NAMES_MAX];
	char action[NAME_SIZE]; /* of the request that is being made ready */
	char table[NAME_SIZE];  /* last written to */
	bool committing;
} points;

/* The function whose place is taken: the next one of that name, in the order of the libraries. */
#define REAL(ret, name)                                                                                      \
	do {                                                                                                 \
		void *symbol = dlsym(RTLD_NEXT, #name);                                                      \
		memcpy(ret, &symbol, sizeof(symbol));                                                        \
	} while (0)

static void begin(void)
{
	const char *log = getenv("POINTS_LOG"), *kill_at = getenv("POINTS_KILL");

	points.begun = points.changed = true;
	points.log = log ? open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
	points.kill_at = kill_at ? strtol(kill_at, NULL, 10) : 0;
	points.kill_name = getenv("POINTS_AT");
}

static void reach(const char *what, const char *when, const char *name)
{
	char whole[2 * NAME_SIZE];

	if (!points.begun)
		begin();
	points.moment += points.changed;
	points.changed = false;
	snprintf(whole, sizeof(whole), "%s %s %s", what, when, name);
	if (points.log >= 0)
		dprintf(points.log, "%ld %s\n", points.moment, whole);
	if (points.moment == points.kill_at || (points.kill_name && !strcmp(points.kill_name, whole)))
		points.dying = true;
}

static void die_if_due(void)
{
	if (points.dying)
		raise(SIGKILL);
}

/* Something is about to leave the process, or somebody else was found to have done something: a moment ends. */
static void end_moment(void)
{
	die_if_due();
	points.changed = true;
}

/* What is due comes before the process waits, and before it ends. */
int epoll_pwait(int fd, struct epoll_event *events, int max, int timeout, const sigset_t *mask)
{
	int (*real)(int, struct epoll_event *, int, int, const sigset_t *);

	REAL(&real, epoll_pwait);
	die_if_due();
	return real(fd, events, max, timeout, mask);
}

__attribute__((destructor)) static void end(void)
{
	die_if_due();
}

static struct name *find_name(const void *key)
{
	for (size_t i = 0; i < NAMES_MAX; i++)
		if (points.names[i].key == key)
			return &points.names[i];
	return NULL;
}

/* The key's name, "" at first. */
static char *name_of(const void *key)
{
	struct name *n = find_name(key);

	if (!n) {
		n = find_name(NULL);
		if (!n)
			abort();
		*n = (struct name){ .key = key };
	}
	return n->text;
}

static void forget_name(const void *key)
{
	struct name *n = find_name(key);

	if (n)
		n->key = NULL;
}

static const void *key_of(int fd)
{
	return (const void *)((intptr_t)fd + 1);
}

/* Copies the word that follows `mark` in the bytes; false if it is not there. */
static bool copy_word(const char *bytes, size_t len, const char *mark, char ret[NAME_SIZE])
{
	const char *at = memmem(bytes, len, mark, strlen(mark)), *end = bytes + len;
	size_t n = 0;

	if (!at)
		return false;
	at += strlen(mark);
	while (at + n < end && n < NAME_SIZE - 1 && strchr("&. \r\n", at[n]) == NULL)
		n++;
	memcpy(ret, at, n);
	ret[n] = '\0';
	return true;
}

/* ---- the journal ---- */

static void note_table(const char *sql)
{
	static const char *const MARKS[] = { "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE " };
	size_t i = 0;

	while (i < sizeof(MARKS) / sizeof(MARKS[0]) && !copy_word(sql, strlen(sql), MARKS[i], points.table))
		i++;
}

int sqlite3_exec(
	sqlite3 *db, const char *sql, int (*each)(void *, int, char **, char **), void *ctx, char **err)
{
	int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
	int code;

	REAL(&real, sqlite3_exec);
	if (strcmp(sql, "COMMIT") != 0) {
		note_table(sql);
		return real(db, sql, each, ctx, err);
	}
	reach("journal", "before", points.table);
	end_moment();
	points.committing = true;
	code = real(db, sql, each, ctx, err);
	points.committing = false;
	reach("journal", "after", points.table);
	return code;
}

/* A statement that writes outside a transaction is one. */
int sqlite3_step(sqlite3_stmt *s)
{
	int (*real)(sqlite3_stmt *);
	bool writes = !points.committing && !sqlite3_stmt_readonly(s);
	int code;

	REAL(&real, sqlite3_step);
	if (writes)
		note_table(sqlite3_sql(s));
	if (!writes || !sqlite3_get_autocommit(sqlite3_db_handle(s)))
		return real(s);
	reach("journal", "before", points.table);
	end_moment();
	points.committing = true;
	code = real(s);
	points.committing = false;
	reach("journal", "after", points.table);
	return code;
}

/* That its rollback journal goes is what makes a transaction of SQLite final. */
int unlink(const char *path)
{
	int (*real)(const char *);

	REAL(&real, unlink);
	if (points.committing) {
		reach("journal", "inside", points.table);
		end_moment();
	}
	return real(path);
}

/* ---- remote calls ---- */

/* All options are 8 bytes wide on the machines that this is built for, whatever their type. */
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
	CURLcode (*real)(CURL *, CURLoption, ...);
	va_list ap;
	void *value;

	va_start(ap, option);
	value = va_arg(ap, void *);
	va_end(ap);
	REAL(&real, curl_easy_setopt);
	if (option == CURLOPT_URL)
		snprintf(points.action, sizeof(points.action), "GET");
	if (option == CURLOPT_COPYPOSTFIELDS)
		copy_word(value, strlen(value), "Action=", points.action);
	return real(easy, option, value);
}

CURLMcode curl_multi_add_handle(CURLM *multi, CURL *easy)
{
	CURLMcode (*real)(CURLM *, CURL *);

	REAL(&real, curl_multi_add_handle);
	reach("call", "before", points.action);
	memcpy(name_of(easy), points.action, NAME_SIZE);
	return real(multi, easy);
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
	ssize_t (*real)(int, const void *, size_t, int);

	REAL(&real, send);
	if (len > 5 && (!memcmp(bytes, "POST ", 5) || !memcmp(bytes, "GET /", 5))) {
		end_moment();
		if (!copy_word(bytes, len, "Action=", name_of(key_of(fd))))
			memcpy(name_of(key_of(fd)), "GET", 4);
	}
	return real(fd, bytes, len, flags);
}

/* The first look at a reply that is there. */
ssize_t recv(int fd, void *bytes, size_t len, int flags)
{
	ssize_t (*real)(int, void *, size_t, int);
	struct name *name = find_name(key_of(fd));
	char byte;

	REAL(&real, recv);
	if (name && real(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
		end_moment();
		reach("call", "replied", name->text);
		name->key = NULL;
	}
	return real(fd, bytes, len, flags);
}

CURLMsg *curl_multi_info_read(CURLM *multi, int *left)
{
	CURLMsg *(*real)(CURLM *, int *);
	CURLMsg *m;

	REAL(&real, curl_multi_info_read);
	m = real(multi, left);
	if (m && m->msg == CURLMSG_DONE) {
		reach("call", "after", name_of(m->easy_handle));
		forget_name(m->easy_handle);
	}
	return m;
}

/* ---- guest commands ---- */

/* Called again and again until the machine has taken it: the first time counts. */
int libssh2_channel_process_startup(LIBSSH2_CHANNEL *channel, const char *request, unsigned int request_len,
	const char *message, unsigned int message_len)
{
	int (*real)(LIBSSH2_CHANNEL *, const char *, unsigned int, const char *, unsigned int);

	REAL(&real, libssh2_channel_process_startup);
	if (!find_name(channel)) {
		reach("guest", "before", request);
		memcpy(name_of(channel), "script", sizeof("script"));
	}
	end_moment();
	return real(channel, request, request_len, message, message_len);
}

/* Each script introduces itself: "# mount.sh: waits for...". The last one sent is the one that runs. */
ssize_t libssh2_channel_write_ex(LIBSSH2_CHANNEL *channel, int stream, const char *bytes, size_t len)
{
	ssize_t (*real)(LIBSSH2_CHANNEL *, int, const char *, size_t);
	const char *mark = memmem(bytes, len, ".sh: ", 5);

	REAL(&real, libssh2_channel_write_ex);
	while (mark && mark > bytes && mark[-1] != ' ')
		mark--;
	if (mark)
		copy_word(mark, (size_t)(bytes + len - mark), "", name_of(channel));
	end_moment();
	return real(channel, stream, bytes, len);
}

int libssh2_channel_send_eof(LIBSSH2_CHANNEL *channel)
{
	int (*real)(LIBSSH2_CHANNEL *);
	int code;

	REAL(&real, libssh2_channel_send_eof);
	end_moment();
	code = real(channel);
	if (code == 0)
		reach("guest", "sent", name_of(channel));
	return code;
}

int libssh2_channel_get_exit_status(LIBSSH2_CHANNEL *channel)
{
	int (*real)(LIBSSH2_CHANNEL *);
	int code;

	REAL(&real, libssh2_channel_get_exit_status);
	code = real(channel);
	end_moment();
	reach("guest", "after", name_of(channel));
	forget_name(channel);
	return code;
}
