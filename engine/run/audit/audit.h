/*
 * audit.h: what was left behind: orphaned, half done, leased by the dead, or attached where it should
 * not be, and what resolves each. Pure: from an inventory to findings, without input or output.
 *
 * Each kind of finding is a row (rows.c). A rule that forgets what must never be done cannot do
 * it all the same: audit_refuses() judges every remedy once more, by rules of its own (guards.c).
 */
#ifndef RUN_AUDIT_AUDIT_H
#define RUN_AUDIT_AUDIT_H

#include "base/arena.h"
#include "cloud/effect.h"
#include "run/inventory.h"

enum severity {
	SEVERITY_URGENT, /* clients may be waiting, or data is where it should not be */
	SEVERITY_WRONG,  /* half done, or not as it should be; nobody waits for it now */
	SEVERITY_WASTE,  /* it costs money; nothing is at risk */
	SEVERITY_NOTE,   /* worth knowing; nothing has to be done */
	SEVERITY_COUNT,
};

/* What resolves a finding, if Changeover can. */
enum remedy {
	REMEDY_NONE,   /* a person, or another command: struct finding's `by_hand` says how */
	REMEDY_EFFECT, /* struct finding's effect */
	REMEDY_CLOSE,  /* the record is closed as failed */
	REMEDY_LEASE,  /* the lease is taken and given back */
};

struct audit_look;
struct finding;

/* One kind of finding. */
struct finding_row {
	const char *name; /* "green-left"; JSON shows it, scripts name it */
	enum audit_about { ABOUT_REBUILD, ABOUT_INSTANCE, ABOUT_VOLUME, ABOUT_SNAPSHOT, ABOUT_ADDRESS } about;
	enum severity severity;
	const char *matters; /* why it matters */
	const char *action;  /* what the remedy does: "terminate it"; NULL: there is none */
	bool safe;           /* the remedy cannot lose data or service: done without asking */
	/* True if it is so; fills in what, by_hand, since_ms and the remedy. */
	bool (*judge)(const struct audit_look *l, struct finding *f);
};

/* Texts are in the arena, or of the inventory. */
struct finding {
	const struct finding_row *row;
	const char *object; /* its id */
	const char *rebuild;
	const char *what;    /* one sentence about this one */
	const char *where;   /* the state of the rebuild's machines; NULL: it does not matter for this */
	const char *by_hand; /* what a person can do: a command or a sentence; NULL: use the remedy */
	int64_t since_ms;    /* wall clock; 0 if nobody knows */
	enum remedy remedy;
	struct effect effect;
};

struct findings {
	struct finding *items; /* most urgent first */
	size_t count;
};

/* What to go by beside the inventory: a plan, if one was named. It counts for the rebuilds of that plan only. */
struct audit_options {
	const char *plan_name; /* NULL: none was named */
	const char *plan_path; /* for commands that are proposed; NULL: "PLAN" */
	int64_t keep_ms;       /* retire.keep: for how long a blue is kept */
	int snapshots_kept;    /* backup.keep: rebuilds whose snapshots of a volume are kept */
};

void audit(const struct inventory *in, const struct audit_options *o, struct arena *a, struct findings *ret);

/* Why the finding's remedy must not be carried out in the world of that inventory; NULL: it may. */
const char *audit_refuses(const struct inventory *in, const struct finding *f);

/* The finding that is called so, "green-left:i-1"; NULL if there is none. */
const struct finding *findings_find(const struct findings *all, const char *name);

/* "green-left:i-1", in the arena: the same as long as the finding is there. */
const char *finding_name(const struct finding *f, struct arena *a);

/* "urgent", "wrong", "waste", "note". */
const char *severity_name(enum severity s);

/* All kinds, ended by one without a name: for help and manual. */
const struct finding_row *audit_rows(void);
#endif
