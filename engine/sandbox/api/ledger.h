/*
 * ledger.h: what was called and what it really took: the figures that benchmarks are measured against.
 */
#ifndef SANDBOX_API_LEDGER_H
#define SANDBOX_API_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "sandbox/model/model.h"

struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *l);

/* Keeps a copy; past a million effects the oldest half is dropped. */
void ledger_add_effect(struct ledger *l, const struct model_effect *e);

struct ledger_call {
	const char *access_key; /* as claimed; "" if the request claimed none */
	const char *action;     /* as named; "" if the request named none */
	bool mutation;          /* and not a dry run */
	bool dry_run;
	const char *error; /* the code it was refused with, or NULL */
};

void ledger_add_call(struct ledger *l, const struct ledger_call *c);

/* A list of {action, resource, other, accepted_ms, effective_ms}. The caller owns it. */
json_t *ledger_effects(const struct ledger *l);

/*
 * {calls, mutations, dry_runs, errors, throttled, actions: {NAME: count}, access_keys: {KEY: {the same}}};
 * what was throttled is among the errors.
 */
json_t *ledger_calls(const struct ledger *l);
#endif
