/*
 * fault.h: what can go wrong on purpose: the kinds, and one fault as a line asks for it.
 *
 *	lost-reply      call=AttachVolume
 *	throttled       call=DescribeInstances nth=2 times=3
 *	internal-error  chance=5 times=all
 *	stuck-detaching id=vol-0123456789abcdef0 for=20000
 *	instance-dead   call=DetachVolume instance=i-0123456789abcdef0 after=500
 *
 * The first word says what happens (one row of the table of kinds), the others to which call and when.
 * What a kind is called, which words it takes and what it does to a call stands in its row and
 * nowhere else; where a fault happens is its point, and each point is asked in one place (faults.h).
 *
 * Times are milliseconds, as in the file of latencies.
 */
#ifndef SANDBOX_MODEL_FAULT_H
#define SANDBOX_MODEL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/model/model.h"

enum fault_kind {
	FAULT_NONE, /* all goes well: the row of calls that nothing happens to */
	FAULT_ERROR,
	FAULT_INTERNAL_ERROR,
	FAULT_UNAVAILABLE,
	FAULT_THROTTLED,
	FAULT_NO_CAPACITY,
	FAULT_EXPIRED,
	FAULT_NOT_FOUND,
	FAULT_RESET,
	FAULT_LOST_REPLY,
	FAULT_TIMEOUT,
	FAULT_LATE_TIMEOUT,
	FAULT_TWICE,
	FAULT_TRUNCATED,
	FAULT_MALFORMED,
	FAULT_HUGE,
	FAULT_STALE,
	FAULT_NEWEST_MISSING,
	FAULT_CLOCK,
	FAULT_STUCK_DETACHING,
	FAULT_STUCK_BUSY,
	FAULT_OTHER_DEVICE,
	FAULT_SNAPSHOT_ERROR,
	FAULT_LAUNCH_FAILS,
	FAULT_INSTANCE_DEAD,
	FAULT_INSTANCE_STOPPED,
	FAULT_ADDRESS_TAKEN,
	FAULT_HOST_KEY_CHANGED,
	FAULT_SSH_DROPPED,
	FAULT_SSH_HANGS,
	FAULT_SSH_EXIT_LOST,
	FAULT_COUNT,
};

/* Where it happens: who asks whether one is due. */
enum fault_point {
	FAULT_AT_NOTHING, /* FAULT_NONE */
	FAULT_AT_CALL,    /* the API, for each call that is no dry run */
	FAULT_AT_ATTACH,  /* the model, when it accepts the call of that name */
	FAULT_AT_DETACH,
	FAULT_AT_SNAPSHOT,
	FAULT_AT_LAUNCH,
	FAULT_AT_INCIDENT, /* the model, after each call, or at a time */
	FAULT_AT_SSH,      /* the machinery, for each connection */
	FAULT_POINT_COUNT,
};

/* What FAULT_AT_CALL does: how often the call takes effect, and what becomes of the reply. */
enum fault_effect { FAULT_EFFECT_ONCE, FAULT_EFFECT_NONE, FAULT_EFFECT_TWICE };

enum fault_reply {
	FAULT_REPLY_WHOLE,
	FAULT_REPLY_REFUSAL, /* code, status */
	FAULT_REPLY_RESET,   /* the connection is reset */
	FAULT_REPLY_SILENCE, /* likewise, after for_ms without a word */
	FAULT_REPLY_TRUNCATED,
	FAULT_REPLY_MALFORMED,
	FAULT_REPLY_HUGE,    /* followed by bytes */
	FAULT_REPLY_OLD,     /* what the same question was answered before */
	FAULT_REPLY_SHORTER, /* a list without its newest item */
	FAULT_REPLY_COUNT,
};

/* Which calls it can happen to at all. */
enum fault_scope {
	FAULT_SCOPE_ANY,
	FAULT_SCOPE_NAMED, /* those that name a resource, outside filters */
	FAULT_SCOPE_LIST,  /* those that do not */
};

enum { FAULT_CALL_SIZE = 48, FAULT_CODE_SIZE = 80 };

struct fault {
	enum fault_kind kind;

	/* Which call: "" stands for any. */
	char call[FAULT_CALL_SIZE]; /* the action's name */
	char id[MODEL_ID_SIZE];     /* a resource that the call names */

	/* When: from the nth matching one on, so many of them (0: all), each with that chance in per cent. */
	int64_t nth, times, chance;
	int64_t from_ms, until_ms; /* after it was added; until 0: for ever */

	/* What; which of these count is in the kind's row. */
	char instance[MODEL_ID_SIZE], address[MODEL_ID_SIZE]; /* "": the one that the call names */
	char code[FAULT_CODE_SIZE];
	char device[MODEL_DEVICE_SIZE];
	int64_t status;   /* HTTP's; 0: the one that goes with the code */
	int64_t for_ms;   /* how long it lasts; 0: until it is removed */
	int64_t after_ms; /* how long after the call */
	int64_t off_ms;   /* how far the clock is ahead */
	int64_t bytes;
	int64_t command;

	/* What has become of it. Not part of the line. */
	unsigned number; /* 1, 2, ...: its name on the sandbox's page */
	int64_t added_ms, lasts_until_ms;
	uint64_t matched, fired;
};

struct fault_kind_row {
	const char *name, *help;
	enum fault_point point;
	enum fault_effect effect;
	enum fault_reply reply;
	enum fault_scope scope;
	bool lasts;          /* once fired, every matching call is hit for for_ms */
	unsigned takes;      /* words besides those that its point knows: bits of enum fault_word */
	unsigned needs;      /* at least one of these must be there */
	struct fault preset; /* what stands where the line says nothing */
};

/* Each word but the first is NAME=VALUE. */
enum fault_word {
	FAULT_WORD_CALL,
	FAULT_WORD_ID,
	FAULT_WORD_NTH,
	FAULT_WORD_TIMES,
	FAULT_WORD_CHANCE,
	FAULT_WORD_FROM,
	FAULT_WORD_UNTIL,
	FAULT_WORD_INSTANCE,
	FAULT_WORD_ADDRESS,
	FAULT_WORD_CODE,
	FAULT_WORD_STATUS,
	FAULT_WORD_FOR,
	FAULT_WORD_AFTER,
	FAULT_WORD_OFF,
	FAULT_WORD_BYTES,
	FAULT_WORD_DEVICE,
	FAULT_WORD_COMMAND,
	FAULT_WORD_COUNT,
};

const struct fault_kind_row *fault_kind_row(enum fault_kind kind);

/* All words that lines of that kind may have: bits of enum fault_word. */
unsigned fault_kind_words(enum fault_kind kind);

/* A fault of that kind as a line of one word asks for it: the first call, once. */
struct fault fault_preset(enum fault_kind kind);

/* True for an incident that waits for no call: it comes once, from_ms after it was added. */
bool fault_is_timed(const struct fault *f);

/* FAULT_NONE if there is no such kind. */
enum fault_kind fault_kind_find(const char *name);

const char *fault_word_name(enum fault_word w);
const char *fault_word_help(enum fault_word w);

/* FAULT_WORD_COUNT if there is no such word. */
enum fault_word fault_word_find(const char *name);

/* Sets what the word stands for; ERROR_USAGE says which values it takes. */
bool fault_word_set(enum fault_word w, const char *value, struct fault *f, struct error *err) MUST_USE;

/* The faults of some lines, in their order. */
struct fault_list {
	struct fault *items; /* owned */
	size_t count;
};

struct fault_source {
	const char *name;         /* of the file, for what is said about its lines */
	const char *const *calls; /* the actions that there are; NULL: any will do */
	size_t call_count;
	bool without_ssh; /* SSH does not pass through the sandbox: such faults are refused */
};

/*
 * Reads lines; # begins a comment. ERROR_USAGE with NAME:LINE for everything that is wrong, a line
 * each, and *ret is empty then.
 */
bool fault_read(const struct fault_source *from, const char *lines, struct fault_list *ret,
	struct error *err) MUST_USE;
void fault_list_release(struct fault_list *l);

/* Appends f as a line that reads back as the same. */
void fault_write(const struct fault *f, struct text *ret);
#endif
