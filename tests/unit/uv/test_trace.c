/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring of events: order, overruns, many writers, waking of readers. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/uv/trace_ring.h"

/* An event whose fields all follow from one number */
static void add(struct uv_trace *t, uint64_t n)
{
	const struct uv_trace_event e = {
		.name = "event",
		.handle = n,
		.addr = ~n,
		.count = n * 3,
		.total = n + 1,
		.time_ns = n ^ 0x5555,
		.duration_ns = n << 8,
		.vm = (uint32_t)n,
		.teardown = (uint32_t)(n >> 4),
		.cmd = (uint16_t)n,
		.rc = (uint16_t)(n >> 1),
		.rrc = (uint16_t)(n >> 2),
		.cc = (uint8_t)(n & 3),
		.kind = UV_TRACE_GUEST,
	};

	uv_trace_add(t, &e);
}

static void check(const struct uv_trace_event *e)
{
	uint64_t n = e->handle;

	assert_string_equal(e->name, "event");
	assert_int_equal(e->addr, ~n);
	assert_int_equal(e->count, n * 3);
	assert_int_equal(e->total, n + 1);
	assert_int_equal(e->time_ns, n ^ 0x5555);
	assert_int_equal(e->duration_ns, n << 8);
	assert_int_equal(e->vm, (uint32_t)n);
	assert_int_equal(e->teardown, (uint32_t)(n >> 4));
	assert_int_equal(e->cmd, (uint16_t)n);
	assert_int_equal(e->rc, (uint16_t)(n >> 1));
	assert_int_equal(e->rrc, (uint16_t)(n >> 2));
	assert_int_equal(e->cc, n & 3);
	assert_int_equal(e->kind, UV_TRACE_GUEST);
}

static void test_order(void **state)
{
	struct uv_trace *t = *state;
	struct uv_trace_event e;

	assert_int_equal(uv_trace_read(t, 0, &e), UV_TRACE_NOTHING);
	for (uint64_t n = 0; n < 100; n++)
		add(t, 0x1234567890abcdef + n);
	assert_int_equal(uv_trace_next(t), 100);
	assert_int_equal(uv_trace_first(t), 0);
	for (uint64_t n = 0; n < 100; n++) {
		assert_int_equal(uv_trace_read(t, n, &e), UV_TRACE_EVENT);
		assert_int_equal(e.handle, 0x1234567890abcdef + n);
		check(&e);
	}
	assert_int_equal(uv_trace_read(t, 100, &e), UV_TRACE_NOTHING);
}

static void test_overrun(void **state)
{
	struct uv_trace *t = *state;
	struct uv_trace_event e;

	for (uint64_t n = 0; n < UV_TRACE_LEN + 7; n++)
		add(t, n);
	assert_int_equal(uv_trace_first(t), 7);
	for (uint64_t n = 0; n < 7; n++)
		assert_int_equal(uv_trace_read(t, n, &e), UV_TRACE_LOST);
	for (uint64_t n = 7; n < UV_TRACE_LEN + 7; n++) {
		assert_int_equal(uv_trace_read(t, n, &e), UV_TRACE_EVENT);
		assert_int_equal(e.handle, n);
	}
}

/* A thread fell asleep while it wrote event 3; a whole ring later its place is still in use. */
static void test_place_in_use(void **state)
{
	struct uv_trace *t = *state;
	struct uv_trace_event e;

	for (uint64_t n = 0; n < 3; n++)
		add(t, n);
	atomic_store(&t->ring[3].state, 2 * 3 + 1);
	atomic_store(&t->next, 4);
	assert_int_equal(uv_trace_read(t, 3, &e), UV_TRACE_NOTHING);
	for (uint64_t n = 4; n < UV_TRACE_LEN + 5; n++)
		add(t, n);
	assert_int_equal(uv_trace_read(t, 3, &e), UV_TRACE_LOST);
	assert_int_equal(uv_trace_read(t, UV_TRACE_LEN + 3, &e), UV_TRACE_LOST);
	assert_int_equal(uv_trace_read(t, UV_TRACE_LEN + 4, &e), UV_TRACE_EVENT);
	assert_int_equal(uv_trace_read(t, UV_TRACE_LEN + 2, &e), UV_TRACE_EVENT);
}

static void test_wake(void **state)
{
	struct uv_trace *t = *state;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	eventfd_t woken;

	uv_trace_set_wake(t, fd);
	add(t, 0);
	assert_int_equal(eventfd_read(fd, &woken), -1); /* nobody waits */
	assert_true(uv_trace_wait(t, 0));
	assert_int_equal(eventfd_read(fd, &woken), -1);
	assert_false(uv_trace_wait(t, 1));
	add(t, 1);
	assert_int_equal(eventfd_read(fd, &woken), 0);
	add(t, 2);
	assert_int_equal(eventfd_read(fd, &woken), -1); /* once for each wait */
	assert_true(uv_trace_wait(t, 2));
	uv_trace_set_wake(t, -1);
	close(fd);
}

#define WRITERS 3
#define EACH    60000UL

static void *write_many(void *arg)
{
	for (uint64_t n = 1; n <= EACH; n++)
		add(arg, n * 0x100010001UL);
	return NULL;
}

/* Readers wait for each event by the eventfd: none of them gets a torn one, and none is missed. */
static void *read_all(void *arg)
{
	struct uv_trace *t = arg;
	int fd = atomic_load(&t->wake_fd);
	uint64_t lost = 0, seen = 0;
	struct uv_trace_event e;

	for (uint64_t n = 0; n < WRITERS * EACH; n++) {
		eventfd_t woken;

		while (!uv_trace_wait(t, n))
			eventfd_read(fd, &woken);
		if (uv_trace_read(t, n, &e) == UV_TRACE_EVENT) {
			check(&e);
			seen++;
		} else {
			lost++;
		}
	}
	assert_int_equal(seen + lost, WRITERS * EACH);
	assert_true(seen > 0);
	return NULL;
}

static void test_many_writers(void **state)
{
	struct uv_trace *t = *state;
	pthread_t writer[WRITERS];
	int fd = eventfd(0, EFD_CLOEXEC);

	uv_trace_set_wake(t, fd);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&writer[i], NULL, write_many, t), 0);
	read_all(t);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writer[i], NULL);
	assert_int_equal(uv_trace_next(t), WRITERS * EACH);
	uv_trace_set_wake(t, -1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRACE_RING_TEST(test_order),        TRACE_RING_TEST(test_overrun),
		TRACE_RING_TEST(test_place_in_use), TRACE_RING_TEST(test_wake),
		TRACE_RING_TEST(test_many_writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
