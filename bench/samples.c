// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/samples.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void samples_add(struct samples *s, double value)
{
	if (s->n == SAMPLES_MAX)
		errx(1, "more than %u samples of one quantity", SAMPLES_MAX);
	s->values[s->n++] = value;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double samples_quantile(const struct samples *s, double q)
{
	static double sorted[SAMPLES_MAX];

	if (!s->n)
		return NAN;
	memcpy(sorted, s->values, s->n * sizeof(sorted[0]));
	qsort(sorted, s->n, sizeof(sorted[0]), compare);
	return sorted[(size_t)lround(q * (double)(s->n - 1))];
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

double seconds_since(uint64_t start_ns)
{
	return (double)(now_ns() - start_ns) * 1e-9;
}
