/*
 * report.h: what a guest script said, read strictly: lines key=value between changeover=1 and end=,
 * every key known, every value of its form. What the login shell printed before is passed over.
 */
#ifndef GUEST_REPORT_H
#define GUEST_REPORT_H

#include <stdbool.h>

#include "base/error.h"
#include "cloud/world.h"
#include "net/ssh.h"

struct report {
	bool started; /* the script ran, as root */
	bool succeeded;
	bool changed;       /* it failed after it had changed something */
	char failed[1024];  /* KIND TEXT */
	struct guest guest; /* disks and times; the rest is the caller's */
};

/*
 * Reads the answer of a script. False with err: it did not start (nothing happened), it broke off
 * (unknown), or it says that it failed; *ret shows how far it came in any case.
 */
bool report_read(const struct ssh_result *result, struct report *ret, struct error *err) MUST_USE;
#endif
