/*
 * book.h: a journal. Most engines of a history share one; who has lost it begins another one, and knows
 * only what tags tell. One row per rebuild, with what its events
 * would tell, and its lease. It keeps what engine/run/ledger.c writes, answers as lineage.c reads, and
 * refuses as engine/journal/lease.c does; only SQLite is not there.
 */
#ifndef SIMULATION_BOOK_H
#define SIMULATION_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal/record.h"
#include "rebuild/rebuild.h"

enum { BOOK_ROWS_MAX = 16, BOOK_VOLUMES_MAX = 4 };

/* The death of a process shows at once on its own computer, and nowhere else. */
struct book_holder {
	int process; /* 0: nobody */
	int computer;
	const bool *alive;
};

struct book_row {
	char id[CLOUD_NAME_SIZE];
	int place;
	char blue[CLOUD_ID_SIZE], green[CLOUD_ID_SIZE];
	enum record_state state;
	char volumes[BOOK_VOLUMES_MAX][CLOUD_ID_SIZE];
	size_t volume_count;
	bool window_opened, turned_back, blue_terminated; /* its events say so */
	char cause[REBUILD_CAUSE_SIZE];
	int64_t confirmed_wall_ms, claim_begun_wall_ms;
	int unanswered;                 /* calls to the cloud that were begun and not answered */
	int64_t call_begun_wall_ms;     /* the last one of them */
	int64_t epoch, renewed_wall_ms; /* its lease */
	struct book_holder holder;
};

struct book {
	char claim
		[CLOUD_HOLDER_SIZE]; /* as engine/cli/session.c makes it: the journal's id, and who drives */
	bool refuses;                /* the disk is full: nothing can be written */
	struct book_row rows[BOOK_ROWS_MAX];
	size_t count;
};

enum book_answer { BOOK_DONE, BOOK_FULL, BOOK_HELD, BOOK_LOST };

/* Begins an empty one; the number goes into what its engines write into tags. */
void book_open(struct book *b, int number);

/* NULL if there is none. */
struct book_row *book_find(struct book *b, const char *id);

/* The newest rebuild of that blue, or NULL. */
struct book_row *book_find_by_blue(struct book *b, const char *blue);

enum book_answer book_create(struct book *b, const struct rebuild *r,
	int place); /* held: another rebuild of that blue is not over */
enum book_answer book_update(struct book *b, const struct rebuild *r, int64_t epoch);

enum book_answer book_take(
	struct book *b, const char *id, struct book_holder who, int64_t wall_ms, int64_t *ret_epoch);
enum book_answer book_renew(struct book *b, const char *id, int64_t epoch, int64_t wall_ms);
enum book_answer book_release(struct book *b, const char *id, int64_t epoch);

/* Whether an intent may be written under that epoch. */
enum book_answer book_check(const struct book *b, const char *id, int64_t epoch);

/* Takes in what a piece of news would leave as an event. */
void book_note(struct book *b, const struct rebuild *r, const struct news *n, int64_t wall_ms);

/* Takes in that an effect is intended. */
void book_intend(struct book *b, const struct rebuild *r, const struct effect *e, int64_t wall_ms);

/* Takes in that so many calls to the cloud were answered. */
void book_answered(struct book *b, const char *id, int calls);

/* What lineage_past() would read. Texts are borrowed from the row. */
struct rebuild_past book_past(const struct book_row *row);
#endif
