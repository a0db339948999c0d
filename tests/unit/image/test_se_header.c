// SPDX-License-Identifier: GPL-2.0-or-later
/* The SE header: the known answer, opening it again, and what must be refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "image/se_header.h"
#include "tests/unit/crypto/se_vectors.h"
#include "tests/unit/crypto/vector_key.h"

static struct image_error err;
static EVP_PKEY *host, *customer;
static uint8_t hdr_key[SE_KEY_LEN];

static int make_keys(void **state)
{
	host = vector_key(VECTOR_KEY_HOST);
	customer = vector_key(VECTOR_KEY_CUSTOMER);
	memset(hdr_key, 0x32, sizeof(hdr_key));
	return host && customer ? 0 : -1;
}

static int free_keys(void **state)
{
	EVP_PKEY_free(host);
	EVP_PKEY_free(customer);
	return 0;
}

static struct se_header_content vector_content(EVP_PKEY **keys, size_t n)
{
	struct se_header_content c = {
		.customer = customer,
		.host_keys = keys,
		.num_host_keys = n,
		.pcf = 0xe0,
		.digests.nep = 2,
		.area.psw_mask = be64_make(0x180000000),
		.area.psw_addr = be64_make(0x15000),
	};

	memcpy(c.hdr_key, hdr_key, sizeof(c.hdr_key));
	memset(c.iv, 0x33, sizeof(c.iv));
	memcpy(c.digests.pld, vec_pld, sizeof(vec_pld));
	memcpy(c.digests.ald, vec_ald, sizeof(vec_ald));
	memcpy(c.digests.tld, vec_tld, sizeof(vec_tld));
	memset(c.area.cck, 0x31, sizeof(c.area.cck));
	for (size_t i = 0; i < sizeof(c.area.xts); i++)
		c.area.xts[i] = (uint8_t)i;
	return c;
}

static uint8_t *build(size_t slots, size_t *len)
{
	EVP_PKEY *keys[SE_HEADER_MAX_SLOTS];
	struct se_header_content c;
	uint8_t *out;

	for (size_t i = 0; i < slots; i++)
		keys[i] = i ? customer : host;
	c = vector_content(keys, slots);
	*len = se_header_size(slots);
	out = calloc(1, *len);
	assert_non_null(out);
	assert_int_equal(se_header_build(&c, out), 0);
	return out;
}

static void test_known_answer(void **state)
{
	uint8_t hash[32], *hdr;
	size_t len;

	hdr = build(1, &len);
	assert_int_equal(len, 640);
	assert_int_equal(EVP_Digest(hdr, len, hash, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(hash, vec_hdr_sha256, sizeof(hash));
	assert_memory_equal(se_header_tag(hdr), vec_hdr_tag, SE_TAG_LEN);
	free(hdr);
}

static void test_open_again(void **state)
{
	struct se_hdr_encrypted area;
	uint8_t key[SE_KEY_LEN], cck[32], *hdr;
	size_t len;

	memset(cck, 0x31, sizeof(cck));
	for (size_t slots = 1; slots <= SE_HEADER_MAX_SLOTS; slots += 94) {
		hdr = build(slots, &len);
		assert_int_equal(len, 560 + 80 * slots);
		assert_int_equal(se_header_check(hdr, len, &err), 0);
		memset(key, 0, sizeof(key));
		assert_int_equal(se_header_unwrap(hdr, host, key), 0);
		assert_memory_equal(key, hdr_key, sizeof(key));
		assert_int_equal(se_header_decrypt(hdr, key, &area), 0);
		assert_memory_equal(area.cck, cck, sizeof(cck));
		assert_int_equal(be64_get(area.psw_addr), 0x15000);
		free(hdr);
	}
}

static void test_number_of_slots(void **state)
{
	EVP_PKEY *keys[SE_HEADER_MAX_SLOTS + 1] = {NULL};
	struct se_header_content c = vector_content(keys, 0);
	static uint8_t out[SE_HDR_MAX_SIZE + 80];

	assert_int_equal(SE_HEADER_MAX_SLOTS, 95);
	assert_int_equal(se_header_build(&c, out), -EINVAL);
	c.num_host_keys = SE_HEADER_MAX_SLOTS + 1;
	assert_int_equal(se_header_build(&c, out), -EINVAL);
}

static void test_foreign_machine(void **state)
{
	EVP_PKEY *other = vector_key(0x44);
	uint8_t key[SE_KEY_LEN], *hdr;
	size_t len;

	hdr = build(1, &len);
	assert_int_equal(se_header_unwrap(hdr, other, key), -ENOKEY);
	free(hdr);
	EVP_PKEY_free(other);
}

/* What a machine does to open a header; each bit of it is covered by one of the steps. */
static bool opens(const uint8_t *hdr, size_t len)
{
	struct se_hdr_encrypted area;
	uint8_t key[SE_KEY_LEN];

	return !se_header_check(hdr, len, &err) && !se_header_unwrap(hdr, host, key) &&
	       !se_header_decrypt(hdr, key, &area);
}

static void test_every_byte_is_covered(void **state)
{
	uint8_t *hdr;
	size_t len;

	hdr = build(2, &len);
	assert_true(opens(hdr, len));
	for (size_t i = 0; i < len; i++) {
		hdr[i] ^= 0x04;
		if (opens(hdr, len))
			fail_msg("a change of byte 0x%zx is not seen", i);
		hdr[i] ^= 0x04;
	}
	for (size_t cut = 0; cut < len; cut += 16)
		assert_false(opens(hdr, cut));
	free(hdr);
}

static void assert_refused(uint8_t *hdr, size_t len, const char *text)
{
	assert_int_equal(se_header_check(hdr, len, &err), -EINVAL);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not say '%s'", err.text, text);
	free(hdr);
}

/* Values chosen so that the sum of sizes would wrap around to the right total. */
static void test_sizes_that_overflow(void **state)
{
	struct se_hdr_fixed *hdr;
	size_t len;

	hdr = (struct se_hdr_fixed *)build(1, &len);
	hdr->nks = be64_make(1 + (1UL << 60));
	assert_refused((uint8_t *)hdr, len, "key slots, valid is 1 to 95");
	hdr = (struct se_hdr_fixed *)build(1, &len);
	hdr->sea = be64_make(128UL - 80);
	hdr->nks = be64_make(2);
	assert_refused((uint8_t *)hdr, len, "encrypted area of 48 bytes");
	hdr = (struct se_hdr_fixed *)build(1, &len);
	hdr->sea = be64_make(0xfffffffffffffff0);
	assert_refused((uint8_t *)hdr, len, "encrypted area of");
	hdr = (struct se_hdr_fixed *)build(1, &len);
	hdr->phs = be32_make(SE_HDR_MAX_SIZE + 1);
	assert_refused((uint8_t *)hdr, len, "header size 8193");
	hdr = (struct se_hdr_fixed *)build(1, &len);
	hdr->pcf = be64_make(1);
	assert_refused((uint8_t *)hdr, len, "plaintext control flags 0x1");
	hdr = (struct se_hdr_fixed *)build(1, &len);
	hdr->version = be32_make(0x200);
	assert_refused((uint8_t *)hdr, len, "header version 0x200, valid is 0x100");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answer),
		cmocka_unit_test(test_open_again),
		cmocka_unit_test(test_number_of_slots),
		cmocka_unit_test(test_foreign_machine),
		cmocka_unit_test(test_every_byte_is_covered),
		cmocka_unit_test(test_sizes_that_overflow),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
