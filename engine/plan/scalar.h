/*
 * scalar.h: what a single value of a plan says, by the rules of YAML 1.2's core schema: unquoted
 * 5, true and null are a number, a truth value and nothing; in quotes they are text.
 */
#ifndef PLAN_SCALAR_H
#define PLAN_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "plan/plan.h"
#include "wire/yaml.h"

enum scalar_kind { SCALAR_NOTHING, SCALAR_BOOL, SCALAR_NUMBER, SCALAR_FRACTION, SCALAR_TEXT };

enum scalar_kind scalar_kind(const struct yaml_node *n);

/* Decimal digits with a sign at most; false if it is not one or does not fit. */
bool scalar_number(const char *s, int64_t *ret) MUST_USE;

/* 500ms, 90s, 5m, 24h, 7d, or 0: in milliseconds. */
bool scalar_time(const char *s, int64_t *ret_ms) MUST_USE;

/* The pattern of scalar_time for the JSON Schema. */
#define SCALAR_TIME_PATTERN "^[0-9]+(ms|s|m|h|d)$"

/* A whole number, or 0% to 100%. */
bool scalar_share(const char *s, struct plan_share *ret) MUST_USE;
#define SCALAR_SHARE_PATTERN "^(100|[0-9]{1,2})%$"

/* Appends a time in its largest whole unit: "24h". */
void scalar_add_time(struct text *ret, int64_t ms);

/* Appends what stands there, for messages: "the number 5", "a list", "nothing", "`abc`". */
void scalar_add_found(struct text *ret, const struct yaml_node *n);
#endif
