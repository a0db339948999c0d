/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repeated measurements of one quantity. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLES_MAX 4096U

struct samples {
	double values[SAMPLES_MAX];
	size_t n;
};

/** samples_add() - one more; beyond SAMPLES_MAX the program ends: it measures too often */
void samples_add(struct samples *s, double value);

/** samples_quantile() - @q from 0 (least) to 1 (greatest); NAN if there are none */
double samples_quantile(const struct samples *s, double q);

/** samples_median() - the middle one */
static inline double samples_median(const struct samples *s)
{
	return samples_quantile(s, 0.5);
}

/** now_ns() - CLOCK_MONOTONIC, nanoseconds */
uint64_t now_ns(void);

/** seconds_since() - from a now_ns() of before */
double seconds_since(uint64_t start_ns);

#endif
