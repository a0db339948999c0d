// SPDX-License-Identifier: GPL-2.0-or-later
/* Digests that are computed behind the caller's back are those of what it handed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/inject.h"
#include "storage/types.h"
#include "uv/image_digest.h"

#define PAGES 1777 /* several rings, and no whole batch at the end */

/* How many this process has. One that was joined may be counted for a moment. */
static int count_threads(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	int n = 0;

	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "Threads: %d", &n) == 1)
			break;
	fclose(status);
	return n;
}

static void page_of(uint64_t n, uint8_t page[PAGE_SIZE])
{
	for (size_t i = 0; i < PAGE_SIZE; i++)
		page[i] = (uint8_t)(n * 13 + i * 5 + i / 256);
}

static void add(struct image_digest *d, uint64_t n)
{
	const be64_t tweak[2] = {be64_make(7), be64_make(n << PAGE_SHIFT)};

	page_of(n, image_digest_page(d));
	image_digest_add(d, be64_make(n << PAGE_SHIFT), tweak);
}

/* The same in one go. */
static struct image_digests expected(uint64_t n)
{
	EVP_MD_CTX *ctx[3];
	struct image_digests e;

	for (size_t i = 0; i < 3; i++) {
		ctx[i] = EVP_MD_CTX_new();
		assert_true(EVP_DigestInit_ex(ctx[i], EVP_sha512(), NULL));
	}
	for (uint64_t i = 0; i < n; i++) {
		const be64_t gaddr = be64_make(i << PAGE_SHIFT);
		const be64_t tweak[2] = {be64_make(7), gaddr};
		uint8_t page[PAGE_SIZE];

		page_of(i, page);
		assert_true(EVP_DigestUpdate(ctx[0], page, PAGE_SIZE));
		assert_true(EVP_DigestUpdate(ctx[1], &gaddr, sizeof(gaddr)));
		assert_true(EVP_DigestUpdate(ctx[2], tweak, sizeof(tweak)));
	}
	assert_true(EVP_DigestFinal_ex(ctx[0], e.pld, NULL));
	assert_true(EVP_DigestFinal_ex(ctx[1], e.ald, NULL));
	assert_true(EVP_DigestFinal_ex(ctx[2], e.tld, NULL));
	for (size_t i = 0; i < 3; i++)
		EVP_MD_CTX_free(ctx[i]);
	return e;
}

static void expect(struct image_digest *d, uint64_t n)
{
	struct image_digests is, should = expected(n);

	assert_int_equal(image_digest_get(d, &is), 0);
	assert_memory_equal(&is, &should, sizeof(is));
}

static void digests_are_those_of_all_pages(void **state)
{
	struct image_digest *d = image_digest_new();

	assert_non_null(d);
	expect(d, 0);
	for (uint64_t n = 0; n < PAGES; n++) {
		add(d, n);
		/* Asked in between, even with a page or two waiting, they go on. */
		if (n == 0 || n == 5 || n == 64 || n == 200 || n == 1200)
			expect(d, n + 1);
	}
	expect(d, PAGES);
	expect(d, PAGES);
	image_digest_free(d);
}

/* Threads of this process that may run on all CPUs of the caller but one */
static unsigned int count_kept_off(void)
{
	DIR *tasks = opendir("/proc/self/task");
	unsigned int n = 0;
	struct dirent *task;
	cpu_set_t mine, its;

	assert_non_null(tasks);
	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	while ((task = readdir(tasks))) {
		pid_t tid = (pid_t)strtol(task->d_name, NULL, 10);

		if (!tid || sched_getaffinity(tid, sizeof(its), &its))
			continue;
		CPU_XOR(&its, &its, &mine);
		n += CPU_COUNT(&its) == 1;
	}
	closedir(tasks);
	return n;
}

static void thread_keeps_off_the_adders_cpu(void **state)
{
	struct image_digest *d;
	cpu_set_t mine;

	assert_int_equal(sched_getaffinity(0, sizeof(mine), &mine), 0);
	if (CPU_COUNT(&mine) == 1)
		skip();
	assert_int_equal(count_kept_off(), 0);
	d = image_digest_new();
	assert_non_null(d);
	add(d, 0);
	expect(d, 1);
	assert_int_equal(count_kept_off(), 1);
	image_digest_free(d);
}

static void may_end_at_any_time(void **state)
{
	for (uint64_t pages = 0; pages < 100; pages += 9) {
		struct image_digest *d = image_digest_new();

		assert_non_null(d);
		for (uint64_t n = 0; n < pages; n++)
			add(d, n);
		image_digest_free(d);
	}
	image_digest_free(NULL);
}

static void all_without_thread(void)
{
	int threads = count_threads();
	struct image_digest *d = image_digest_new();

	assert_non_null(d);
	assert_true(count_threads() <= threads);
	image_digest_free(d);
	digests_are_those_of_all_pages(NULL);
	may_end_at_any_time(NULL);
}

/* One that is refused for its stack's size, as if the process had too many. */
static void no_thread(void **state)
{
	pthread_attr_t usual, huge;

	assert_int_equal(pthread_getattr_default_np(&usual), 0);
	pthread_attr_init(&huge);
	assert_int_equal(pthread_attr_setstacksize(&huge, 1UL << 48), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	all_without_thread();
	assert_int_equal(pthread_setattr_default_np(&usual), 0);
	pthread_attr_destroy(&huge);
	pthread_attr_destroy(&usual);
}

static void no_other_cpu(void **state)
{
	cpu_set_t usual, one;
	int cpu = sched_getcpu();

	assert_int_equal(sched_getaffinity(0, sizeof(usual), &usual), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	all_without_thread();
	assert_int_equal(sched_setaffinity(0, sizeof(usual), &usual), 0);
}

static bool fail_allocation(enum inject_point point, uint32_t detail, uint64_t subject,
			    struct inject_outcome *outcome)
{
	return point == INJECT_ALLOC;
}

static void no_memory(void **state)
{
	atomic_store(&inject_hook, fail_allocation);
	assert_null(image_digest_new());
	atomic_store(&inject_hook, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thread_keeps_off_the_adders_cpu), /* first: no thread is left */
		cmocka_unit_test(digests_are_those_of_all_pages),
		cmocka_unit_test(may_end_at_any_time),
		cmocka_unit_test(no_thread),
		cmocka_unit_test(no_other_cpu),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests_name("image digest", tests, NULL, NULL);
}
