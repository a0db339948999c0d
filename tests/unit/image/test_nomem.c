// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Out of memory in the cryptographic library: the n-th allocation fails, for every n until
 * an operation no longer needs that many. Each time it must fail cleanly or succeed fully.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "image/image_info.h"
#include "image/se_image.h"

#define MAX_ALLOCATIONS 20000UL

static unsigned long allocations, fail_at;

static bool failing(void)
{
	return ++allocations == fail_at;
}

static void *counted_malloc(size_t n, const char *file, int line)
{
	return failing() ? NULL : malloc(n);
}

static void *counted_realloc(void *p, size_t n, const char *file, int line)
{
	return failing() ? NULL : realloc(p, n);
}

static void counted_free(void *p, const char *file, int line)
{
	free(p);
}

static EVP_PKEY *host, *customer;
static uint8_t coordinates[SE_COORD_LEN];
static struct kernel_file kernel;

static int set_up(void **state)
{
	host = seal_generate_key();
	customer = seal_generate_key();
	kernel.raw.len = 0x11000;
	kernel.raw.bytes = calloc(1, kernel.raw.len);
	kernel.entry = KERNEL_ADDR;
	if (!host || !customer || !kernel.raw.bytes)
		return -1;
	return seal_public_coordinates(customer, coordinates);
}

static int tear_down(void **state)
{
	EVP_PKEY_free(host);
	EVP_PKEY_free(customer);
	kernel_file_free(&kernel);
	return 0;
}

/* Runs @operation with each allocation failing once; it returns whether it succeeded. */
static void sweep(bool (*operation)(void))
{
	unsigned long failures = 0, n;

	assert_true(operation()); /* what is allocated once for the process, is there now */
	for (n = 1; n < MAX_ALLOCATIONS; n++) {
		bool reached;

		allocations = 0;
		fail_at = n;
		failures += !operation();
		reached = allocations >= n;
		fail_at = 0;
		ERR_clear_error();
		if (!reached)
			break;
	}
	assert_true(n < MAX_ALLOCATIONS);
	assert_true(failures > 0);
	assert_true(operation());
}

static bool load_public_key(void)
{
	EVP_PKEY *key = seal_public_key(coordinates);

	EVP_PKEY_free(key);
	return key;
}

static bool agree_on_kek(void)
{
	uint8_t kek[SE_KEY_LEN];

	return !seal_kek(host, customer, kek);
}

static bool encrypt_and_decrypt(void)
{
	uint8_t key[SE_KEY_LEN] = {1}, iv[SE_IV_LEN] = {2}, tag[SE_TAG_LEN];
	uint8_t text[64] = "a text", out[64], zero[64] = {0};

	if (seal_gcm_encrypt(key, iv, NULL, 0, text, sizeof(text), out, tag))
		return false;
	if (seal_gcm_decrypt(key, iv, NULL, 0, out, sizeof(out), out, tag)) {
		assert_memory_equal(out, zero, sizeof(out));
		return false;
	}
	assert_memory_equal(out, text, sizeof(text));
	return true;
}

static bool derive(void)
{
	uint8_t key[32];

	return !seal_hkdf_sha512("ikm", 3, "salt", 4, "info", 4, key);
}

static bool make_page_cipher(void)
{
	uint8_t key[SE_XTS_KEY_LEN] = {1};
	struct seal_page *p = seal_page_new(key);

	if (!p)
		assert_int_equal(errno, ENOMEM);
	seal_page_free(p);
	return p;
}

static bool build_image(void)
{
	struct se_image_params p = {
		.kernel = &kernel,
		.host_keys = &host,
		.num_host_keys = 1,
		.pcf = SE_PCF_DEFAULT,
	};
	struct image_error err = {0};
	struct file_data image;

	if (se_image_build(&p, &image, &err)) {
		assert_null(image.bytes);
		assert_true(*err.text);
		return false;
	}
	file_free(&image);
	return true;
}

/* Pages are encrypted where nothing may fail: it must not allocate. */
static void test_pages_need_no_memory(void **state)
{
	uint8_t key[SE_XTS_KEY_LEN] = {1}, tweak[SE_TWEAK_LEN] = {3};
	static uint8_t page[SE_PAGE_SIZE];
	struct seal_page *p = seal_page_new(key);

	assert_non_null(p);
	allocations = 0;
	seal_page_encrypt(p, tweak, page, page);
	seal_page_decrypt(p, tweak, page, page);
	assert_int_equal(allocations, 0);
	seal_page_free(p);
}

static void test_public_key(void **state)
{
	sweep(load_public_key);
}

static void test_kek(void **state)
{
	sweep(agree_on_kek);
}

static void test_gcm(void **state)
{
	sweep(encrypt_and_decrypt);
}

static void test_hkdf(void **state)
{
	sweep(derive);
}

static void test_page_cipher(void **state)
{
	sweep(make_page_cipher);
}

static void test_image(void **state)
{
	sweep(build_image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_need_no_memory),
		cmocka_unit_test(test_public_key),
		cmocka_unit_test(test_kek),
		cmocka_unit_test(test_gcm),
		cmocka_unit_test(test_hkdf),
		cmocka_unit_test(test_page_cipher),
		cmocka_unit_test(test_image),
	};

	if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
