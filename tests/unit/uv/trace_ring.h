/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of events of its own for each test. */
#ifndef TESTS_UNIT_UV_TRACE_RING_H
#define TESTS_UNIT_UV_TRACE_RING_H

#include <stdlib.h>

#include "uv/trace.h"

/** trace_ring_setup() - cmocka setup: an empty ring. Return: 0, or -1 without memory */
static inline int trace_ring_setup(void **state)
{
	struct uv_trace *t = malloc(sizeof(*t));

	if (t)
		uv_trace_init(t);
	*state = t;
	return t ? 0 : -1;
}

/** trace_ring_teardown() - cmocka teardown. Return: 0 */
static inline int trace_ring_teardown(void **state)
{
	free(*state);
	return 0;
}

/** TRACE_RING_TEST() - a test with a ring */
#define TRACE_RING_TEST(f) cmocka_unit_test_setup_teardown(f, trace_ring_setup, trace_ring_teardown)

#endif
