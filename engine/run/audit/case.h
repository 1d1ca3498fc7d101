/* case.h: one rebuild's things put together, for the rules of an audit. Internal to the audit. */
#ifndef RUN_AUDIT_CASE_H
#define RUN_AUDIT_CASE_H

#include "run/audit/audit.h"

/* What became of a rebuild, as far as journal and tags tell. */
enum fate {
	FATE_DRIVEN,  /* a living process holds its lease: hands off */
	FATE_OPEN,    /* it has not come to its end */
	FATE_DONE,    /* green serves */
	FATE_BACK,    /* rolled back, or never begun: blue serves */
	FATE_UNKNOWN, /* neither tells */
};

struct audit_case {
	const struct inventory *in;
	const char *id;
	enum fate fate;
	const struct known_rebuild *known; /* NULL: the journal does not know it, or there is none */
	const struct instance *blue;       /* NULL: not seen */
	const struct instance *holder;     /* the one of its machines that holds its data; NULL: none does */
};

/* One thing of a rebuild, under the eyes of a rule: the member that the row is about is set. */
struct audit_look {
	const struct audit_case *c;
	const struct audit_options *o;
	struct arena *arena; /* for what the rule says */
	const struct instance *instance;
	const struct volume *volume;
	const struct snapshot *snapshot;
	const struct address *address;
};

void audit_case_fill(const struct inventory *in, const char *rebuild, struct audit_case *ret);

bool case_is_over(const struct audit_case *c); /* done, or rolled back */
bool case_owns_instance(const struct audit_case *c, const struct instance *i);
bool case_owns_volume(const struct audit_case *c, const struct volume *v); /* as data */

/*
 * It points to one of the rebuild's machines; or it was blue's, and points nowhere, or elsewhere before the
 * rebuild has come to its end. Where it points after that is nobody's business but the operator's.
 */
bool case_owns_address(const struct audit_case *c, const struct address *a);

bool case_is_green(const struct audit_case *c, const struct instance *i);

/* Any data volume, of whatever rebuild, is attached to it. */
bool audit_holds_data(const struct inventory *in, const struct instance *i);

/* The address that points to it; NULL: none. */
const struct address *audit_address_of(const struct inventory *in, const char *instance_id);

bool audit_is_data(const struct volume *v);
#endif
