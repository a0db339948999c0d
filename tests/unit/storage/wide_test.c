// SPDX-License-Identifier: GPL-2.0-or-later
/* Clearing past the cache: all of the pages, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage/types.h"
#include "storage/wide.h"

#define PAGES 5UL

static void clears_pages_and_no_byte_beside(void **state)
{
	static const uint8_t zeros[PAGES * PAGE_SIZE];
	uint8_t *bytes = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);

	assert_non_null(bytes);
	for (size_t n = 0; n <= PAGES - 2; n++) {
		memset(bytes, 0xa5, PAGES * PAGE_SIZE);
		clear_wide(bytes + PAGE_SIZE, n * PAGE_SIZE);
		fence_wide();
		assert_int_equal(bytes[PAGE_SIZE - 1], 0xa5);
		assert_memory_equal(bytes + PAGE_SIZE, zeros, n * PAGE_SIZE);
		assert_int_equal(bytes[(n + 1) * PAGE_SIZE], 0xa5);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clears_pages_and_no_byte_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
