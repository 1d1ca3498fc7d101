/* reason.h: what two reasons have in common when only names, times and addresses differ in them. */
#ifndef REPORT_REASON_H
#define REPORT_REASON_H

#include "base/text.h"

/*
 * Appends reason with an ellipsis for whatever belongs to one machine or one moment: "could not attach
 * vol-0a1 to i-0b2 within 90 s" becomes "could not attach vol-… to i-… within …". Other numbers stay: a
 * status, a port, an exit code is what the reason is about.
 */
void reason_strip(const char *reason, struct text *ret);
#endif
