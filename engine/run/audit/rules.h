/*
 * rules.h: the rules of the audit, each of them what a row of rows.c judges by, and what they share.
 * A rule says what it sees, and what resolves it: a remedy of ours, or what a person can do by hand.
 */
#ifndef RUN_AUDIT_RULES_H
#define RUN_AUDIT_RULES_H

#include "run/audit/case.h"

/* The command that goes on with an open rebuild; NULL if the rebuild is over. */
const char *rule_go_on(const struct audit_look *l);

/* When the journal last heard of the rebuild; 0 if it never did. */
int64_t rule_last_word_ms(const struct audit_look *l);

/* True if the rebuild is known to be one of the plan that was named: then its numbers count. */
bool rule_is_of_plan(const struct audit_look *l);

/* Makes an effect on the thing under the rule's eyes the remedy. */
void rule_set_effect(const struct audit_look *l, enum effect_kind kind, struct finding *f);

bool rule_rebuild_unfinished(const struct audit_look *l, struct finding *f);
bool rule_rebuild_abandoned(const struct audit_look *l, struct finding *f);
bool rule_record_without_machines(const struct audit_look *l, struct finding *f);
bool rule_lease_left(const struct audit_look *l, struct finding *f);
bool rule_record_disagrees(const struct audit_look *l, struct finding *f);
bool rule_green_left(const struct audit_look *l, struct finding *f);
bool rule_green_in_use(const struct audit_look *l, struct finding *f);
bool rule_green_unknown(const struct audit_look *l, struct finding *f);
bool rule_blue_stopped(const struct audit_look *l, struct finding *f);
bool rule_blue_overdue(const struct audit_look *l, struct finding *f);
bool rule_blue_kept(const struct audit_look *l, struct finding *f);
bool rule_still_protected(const struct audit_look *l, struct finding *f);
bool rule_role_left(const struct audit_look *l, struct finding *f);
bool rule_data_detached(const struct audit_look *l, struct finding *f);
bool rule_data_elsewhere(const struct audit_look *l, struct finding *f);
bool rule_data_on_wrong_side(const struct audit_look *l, struct finding *f);
bool rule_still_kept(const struct audit_look *l, struct finding *f);
bool rule_root_left(const struct audit_look *l, struct finding *f);
bool rule_snapshot_left(const struct audit_look *l, struct finding *f);
bool rule_snapshot_many(const struct audit_look *l, struct finding *f);
bool rule_snapshot_failed(const struct audit_look *l, struct finding *f);
bool rule_address_astray(const struct audit_look *l, struct finding *f);
bool rule_address_nowhere(const struct audit_look *l, struct finding *f);
#endif
