/*
 * alarm.h: whether so many failures are more than the agreed rate explains.
 *
 * Wald's sequential probability ratio test: how much likelier is what was seen if machines fail three times as
 * often as agreed? Once it is twenty times likelier, it says so; if the agreed rate is true, it ever says so in
 * at most one of twenty rollouts, however often it is asked (Ville's inequality). A. Wald, "Sequential Tests of
 * Statistical Hypotheses", Annals of Mathematical Statistics 16 (1945).
 */
#ifndef ROLLOUT_ALARM_H
#define ROLLOUT_ALARM_H

#include <stdbool.h>
#include <stddef.h>

/* rate: above 0 and below 1. */
bool alarm_rings(size_t failures, size_t finished, double rate);
#endif
