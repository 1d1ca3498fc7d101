#include "rollout/alarm.h"

#include <math.h>

static const double TIMES = 3, LIKELIER = 20;

/* Three times the rate, or halfway to every single one if that is less. */
static double bad_rate(double rate)
{
	return fmin(rate * TIMES, (1 + rate) / 2);
}

bool alarm_rings(size_t failures, size_t finished, double rate)
{
	double bad = bad_rate(rate), good = (double)(finished - failures);

	return (double)failures * log(bad / rate) + good * log((1 - bad) / (1 - rate)) >= log(LIKELIER);
}
