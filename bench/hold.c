// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/hold.h"

#include <err.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

#include "bench/child.h"
#include "bench/place.h"

#define HUGE_PAGE   (2UL << 20)
#define MAX_THREADS 16U

/** struct held - what the process has: its threads take huge pages of it in turn */
struct held {
	uint8_t *memory;
	size_t bytes;
	int advice;
	unsigned int threads;
};

/** struct share - a thread's */
struct share {
	pthread_t thread;
	const struct held *held;
	unsigned int nth;
};

void hold_touch(void *bytes, size_t len)
{
	if (madvise(bytes, len, MADV_POPULATE_WRITE))
		err(1, "%zu bytes", len);
}

static void *touch(void *arg)
{
	const struct share *share = arg;
	const struct held *held = share->held;

	place_thread(0, share->nth);
	for (size_t i = share->nth * HUGE_PAGE; i < held->bytes; i += held->threads * HUGE_PAGE) {
		size_t left = held->bytes - i;

		hold_touch(held->memory + i, left < HUGE_PAGE ? left : HUGE_PAGE);
	}
	return NULL;
}

static void be_holder(void *arg)
{
	struct share shares[MAX_THREADS];
	struct held *held = arg;

	held->threads = place_count() < MAX_THREADS ? place_count() : MAX_THREADS;
	held->memory = mmap(NULL, held->bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (held->memory == MAP_FAILED)
		err(1, "%zu bytes", held->bytes);
	madvise(held->memory, held->bytes, held->advice);
	for (unsigned int i = 0; i < held->threads; i++) {
		shares[i] = (struct share){.held = held, .nth = i};
		if (pthread_create(&shares[i].thread, NULL, touch, &shares[i]))
			errx(1, "no thread");
	}
	for (unsigned int i = 0; i < held->threads; i++)
		pthread_join(shares[i].thread, NULL);
	child_ready();
}

pid_t hold_memory(size_t bytes, int advice)
{
	return child_start(be_holder, &(struct held){.bytes = bytes, .advice = advice});
}

void hold_briefly(size_t bytes)
{
	child_kill(hold_memory(bytes, MADV_HUGEPAGE));
}
