// SPDX-License-Identifier: GPL-2.0-or-later
/* What a PV IPL parameter block must look like. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/ipib.h"

static char why[120];

/* Three components of two pages each, behind a header of one slot. */
static struct pv_ipib *good_block(void)
{
	struct pv_ipib *b = calloc(1, 4096);

	assert_non_null(b);
	b->len = be32_make((uint32_t)pv_ipib_size(3));
	b->version = 1;
	b->pbt = PV_IPIB_TYPE;
	b->num_comp = be32_make(3);
	b->pv_header_addr = be64_make(0x14000);
	b->pv_header_len = be64_make(640);
	for (uint64_t i = 0; i < 3; i++) {
		b->components[i].tweak_prefix = be64_make(i << 48 | 0xabcdef);
		b->components[i].addr = be64_make(0x15000 + i * 0x2000);
		b->components[i].len = be64_make(0x2000);
	}
	return b;
}

static void assert_refused(struct pv_ipib *b, size_t len, const char *text)
{
	why[0] = 0;
	assert_int_equal(pv_ipib_check(b, len, why, sizeof(why)), -EINVAL);
	if (!strstr(why, text))
		fail_msg("'%s' does not say '%s'", why, text);
	free(b);
}

static void test_good(void **state)
{
	struct pv_ipib *b = good_block();

	assert_int_equal(pv_ipib_check(b, 4096, why, sizeof(why)), 0);
	assert_int_equal(pv_ipib_check(b, pv_ipib_size(3), why, sizeof(why)), 0);
	/* as the C tool writes it: a whole page, whatever the number of components */
	b->len = be32_make(4096);
	assert_int_equal(pv_ipib_check(b, 4096, why, sizeof(why)), 0);
	free(b);
}

static void test_most_components(void **state)
{
	struct pv_ipib *b = good_block();

	b->len = be32_make(4096);
	b->num_comp = be32_make(PV_IPIB_MAX_COMPONENTS);
	for (uint64_t i = 0; i < PV_IPIB_MAX_COMPONENTS; i++) {
		b->components[i].tweak_prefix = be64_make(i);
		b->components[i].addr = be64_make(0x100000 - i * 0x1000);
		b->components[i].len = be64_make(0x1000);
	}
	assert_int_equal(pv_ipib_check(b, 4096, why, sizeof(why)), 0);
	b->num_comp = be32_make(PV_IPIB_MAX_COMPONENTS + 1);
	assert_refused(b, 4096, "166 components do not fit");
}

static void test_lengths(void **state)
{
	struct pv_ipib *b;

	assert_refused(good_block(), 100, "cut off");
	assert_refused(good_block(), PV_IPIB_MIN_LEN, "but only 148 bytes");
	b = good_block();
	b->len = be32_make(147);
	assert_refused(b, 4096, "length 147");
	b = good_block();
	b->len = be32_make(4097);
	assert_refused(b, 8192, "length 4097");
	b = good_block();
	b->len = be32_make((uint32_t)pv_ipib_size(3) - 1);
	assert_refused(b, 4096, "3 components do not fit");
	b = good_block();
	b->num_comp = be32_make(0);
	assert_refused(b, 4096, "no components");
	b = good_block();
	b->num_comp = be32_make(UINT32_MAX);
	assert_refused(b, 4096, "do not fit");
}

static void test_type(void **state)
{
	struct pv_ipib *b = good_block();

	b->pbt = 0;
	assert_refused(b, 4096, "type 0, valid is 5");
}

static void test_header(void **state)
{
	struct pv_ipib *b = good_block();

	b->pv_header_len = be64_make(SE_HDR_MAX_SIZE);
	b->pv_header_addr = be64_make(0x10000);
	assert_int_equal(pv_ipib_check(b, 4096, why, sizeof(why)), 0);
	b->pv_header_len = be64_make(SE_HDR_MAX_SIZE + 1);
	assert_refused(b, 4096, "header length 8193");
	b = good_block();
	b->pv_header_len = be64_make(0);
	assert_refused(b, 4096, "header length 0");
	b = good_block();
	b->pv_header_addr = be64_make(UINT64_MAX - 100);
	assert_refused(b, 4096, "header address");
	b = good_block();
	b->pv_header_addr = be64_make(0x18f00);
	assert_refused(b, 4096, "component 1 overlaps the header");
}

static void test_component_addresses(void **state)
{
	struct pv_ipib *b = good_block();

	b->components[1].addr = be64_make(0x17008);
	assert_refused(b, 4096, "component 1: address 0x17008 is not page aligned");
	b = good_block();
	b->components[2].len = be64_make(0);
	assert_refused(b, 4096, "component 2: bad length 0");
	b = good_block();
	b->components[2].len = be64_make(UINT64_MAX);
	assert_refused(b, 4096, "component 2: bad length");
	b = good_block();
	b->components[2].addr = be64_make(UINT64_MAX - 0xfff);
	b->components[2].len = be64_make(0x1000);
	assert_refused(b, 4096, "component 2: bad length");
}

static void test_overlap(void **state)
{
	struct pv_ipib *b = good_block();

	/* a length that ends inside a page takes the whole page */
	b->components[0].len = be64_make(0x2001);
	assert_refused(b, 4096, "components 0 and 1 overlap");
	b = good_block();
	b->components[2].addr = b->components[0].addr;
	assert_refused(b, 4096, "components 0 and 2 overlap");
	b = good_block();
	b->components[2].addr = be64_make(0x13000);
	b->components[2].len = be64_make(0x10000);
	b->pv_header_addr = be64_make(0x12000);
	assert_refused(b, 4096, "components 0 and 2 overlap");
}

static void test_tweak_order(void **state)
{
	struct pv_ipib *b = good_block();

	b->components[2].tweak_prefix = b->components[1].tweak_prefix;
	assert_refused(b, 4096, "component 2: tweak prefix");
	b = good_block();
	b->components[0].tweak_prefix = be64_make(UINT64_MAX);
	assert_refused(b, 4096, "component 1: tweak prefix 0001000000abcdef");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),    cmocka_unit_test(test_most_components),
		cmocka_unit_test(test_lengths), cmocka_unit_test(test_type),
		cmocka_unit_test(test_header),  cmocka_unit_test(test_component_addresses),
		cmocka_unit_test(test_overlap), cmocka_unit_test(test_tweak_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
