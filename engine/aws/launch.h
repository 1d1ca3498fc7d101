/*
 * launch.h: the body of RunInstances for a launch order: green as blue was launched, on the new image.
 *
 * The token makes a second sending harmless, but only with the same parameters and in the same zone
 * (EC2's idempotency scope), so the body depends on nothing but the effect. Termination protection
 * is not copied: green must stay easy to take back until it serves.
 */
#ifndef AWS_LAUNCH_H
#define AWS_LAUNCH_H

#include <stdbool.h>

#include "base/text.h"
#include "cloud/effect.h"

/* Adds the parameters to a form that parameters_begin() began. */
void launch_write(const struct effect *e, struct text *form);

/* True for the types that have CPU credits: T2, T3, T3a, T4g. */
bool launch_has_credits(const char *instance_type);
#endif
