/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening SE headers: the published vector, each check, each tampered region. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "tests/unit/uv/se_image.h"
#include "uv/sehdr.h"

static struct se_image img;

static struct uv_host_key machine_key(uint8_t byte)
{
	struct uv_host_key host;
	uint8_t scalar[66];

	memset(scalar, byte, sizeof(scalar));
	scalar[0] = 0;
	host.key = seal_private_key_from_scalar(scalar);
	assert_non_null(host.key);
	assert_int_equal(0, seal_key_hash(host.key, host.phkh));
	return host;
}

/* Open with the right key: rc, rrc in the upper half; what is not opened must leave nothing. */
static uint32_t open_len(size_t len)
{
	static const struct uv_image nothing;
	struct uv_host_key host = machine_key(0x11);
	struct uv_image out;
	struct uv_sehdr_answer a;

	memset(&out, 0xff, sizeof(out));
	a = uv_sehdr_open(&host, img.header, len, &out);
	if (a.rc != UVC_RC_EXECUTED)
		assert_memory_equal(&nothing, &out, sizeof(out));
	EVP_PKEY_free(host.key);
	return (uint32_t)a.rrc << 16 | a.rc;
}

static int make_vector(void **state)
{
	(void)state;
	se_image_make(&img, 2, 0x15000, 0xe0);
	return 0;
}

static void assert_hex(const char *hex, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		assert_int_equal(hex[2 * i], digits[bytes[i] >> 4]);
		assert_int_equal(hex[2 * i + 1], digits[bytes[i] & 15]);
	}
}

static void test_vector_is_the_published_one(void **state)
{
	uint8_t hash[32];

	(void)state;
	assert_int_equal(640, img.len);
	assert_int_equal(1, EVP_Digest(img.header, img.len, hash, NULL, EVP_sha256(), NULL));
	assert_hex("a84066112d3b036ec90eb90d32657f324d0581f0e5b0f3922a7f0ac13078977c", hash, 32);
}

static void test_open(void **state)
{
	struct uv_host_key host = machine_key(0x11);
	struct uv_image out;

	(void)state;
	assert_int_equal(UVC_RC_EXECUTED, uv_sehdr_open(&host, img.header, img.len, &out).rc);
	assert_memory_equal(img.area.cck, out.cck, sizeof(out.cck));
	assert_memory_equal(img.area.xts, out.xts, sizeof(out.xts));
	assert_int_equal(0x180000000, out.psw.mask);
	assert_int_equal(0x15000, out.psw.addr);
	assert_int_equal(2, out.nep);
	assert_int_equal(0xe0, out.pcf);
	assert_memory_equal(img.pld, out.pld, 64);
	assert_memory_equal(img.ald, out.ald, 64);
	assert_memory_equal(img.tld, out.tld, 64);
	assert_hex("0476dacc591b8fde03595d2867b521bc", out.tag, 16);
	assert_hex("a21a7c622a8f9b93b26b2a434c58e6d7251da800a9c84ba006ad0ec003383d01", out.phkh,
		   32);
	EVP_PKEY_free(host.key);
}

static void test_slot_is_found_among_others(void **state)
{
	(void)state;
	img.nks = 95; /* as many as fit */
	se_image_seal(&img);
	assert_true(img.len <= SE_HDR_MAX_SIZE);
	assert_int_equal(UVC_RC_EXECUTED, open_len(img.len));
}

static void test_lengths(void **state)
{
	(void)state;
	for (size_t len = 0; len < img.len; len++)
		assert_int_equal(0x0031010a, open_len(len));
	assert_int_equal(0x0031010a, open_len(img.len + 1));
	img.fixed.phs = be32_make((uint32_t)img.len + 16);
	assert_int_equal(0x0031010a, open_len(img.len));
	assert_int_equal(0x0031010a, open_len(img.len + 16));
	img.fixed.phs = be32_make(SE_HDR_MAX_SIZE + 16);
	assert_int_equal(0x0031010a, open_len(SE_HDR_MAX_SIZE + 16));
}

static void test_plain_fields(void **state)
{
	(void)state;
	img.fixed.magic = be64_make(SE_HDR_MAGIC ^ 1);
	assert_int_equal(0x105, open_len(img.len));
	make_vector(NULL);
	img.fixed.version = be32_make(0x200);
	assert_int_equal(0x00010104, open_len(img.len));
	make_vector(NULL);
	img.fixed.pcf = be64_make(0xe0 | 1UL << 63);
	assert_int_equal(0x00300106, open_len(img.len));
}

static void test_slots_and_area(void **state)
{
	(void)state;
	img.fixed.nks = be64_make(0);
	assert_int_equal(0x0040010a, open_len(img.len));
	img.fixed.nks = be64_make(2);
	assert_int_equal(0x0031010a, open_len(img.len));
	/* 80 times this is 80 again, in 64 bits */
	img.fixed.nks = be64_make((1UL << 60) + 1);
	assert_int_equal(0x0031010a, open_len(img.len));
	img.fixed.nks = be64_make(1);
	img.fixed.sea = be64_make(112);
	assert_int_equal(0x0039010a, open_len(img.len));
	img.fixed.sea = be64_make(136);
	assert_int_equal(0x0039010a, open_len(img.len));
	img.fixed.sea = be64_make(144);
	assert_int_equal(0x0031010a, open_len(img.len));
	img.fixed.sea = be64_make(0UL - 16);
	assert_int_equal(0x0039010a, open_len(img.len));
}

static void test_foreign_key(void **state)
{
	struct uv_host_key host = machine_key(0x44);
	struct uv_host_key none = {0};
	struct uv_sehdr_answer a;
	struct uv_image out;

	(void)state;
	a = uv_sehdr_open(&host, img.header, img.len, &out);
	assert_int_equal(0x108, a.rc);
	assert_int_equal(5, a.rrc);
	a = uv_sehdr_open(&none, img.header, img.len, &out);
	assert_int_equal(0x108, a.rc);
	assert_int_equal(5, a.rrc);
	EVP_PKEY_free(host.key);
}

static void test_customer_key(void **state)
{
	(void)state;
	img.fixed.cust_pub_key[0] = 1; /* padding */
	assert_int_equal(0x000b0108, open_len(img.len));
	make_vector(NULL);
	img.fixed.cust_pub_key[159] ^= 1; /* not on the curve */
	assert_int_equal(0x000b0108, open_len(img.len));
}

/* Whatever byte of the header is changed, it does not open, and for the reason of its region. */
static void test_tampered(void **state)
{
	static const struct {
		size_t at;
		size_t len;
		uint32_t answer;
	} region[] = {
		{0x000, 8, 0x105},       {0x008, 4, 0x00010104},  {0x010, 12, 0x107},
		{0x01c, 4, 0x107},       {0x030, 8, 0x107},       {0x040, 160, 0x000b0108},
		{0x0e0, 192, 0x107},     {0x1a0, 32, 0x00050108}, {0x1c0, 48, 0x107},
		{640 - 144, 128, 0x107}, {640 - 16, 16, 0x107},
	};

	(void)state;
	for (size_t r = 0; r < sizeof(region) / sizeof(region[0]); r++) {
		for (size_t i = region[r].at; i < region[r].at + region[r].len; i++) {
			img.header[i] ^= 0x10;
			assert_int_equal(region[r].answer, open_len(img.len));
			img.header[i] ^= 0x10;
		}
	}
	assert_int_equal(UVC_RC_EXECUTED, open_len(img.len));
}

/* What only the inside shows: sealed correctly, but not supported. */
static void test_secret_fields(void **state)
{
	(void)state;
	img.area.scf = be64_make(SE_SCF_EXT_SECRET | SE_SCF_CCK_UPDATE);
	se_image_seal(&img);
	assert_int_equal(UVC_RC_EXECUTED, open_len(img.len));
	img.area.scf = be64_make(1UL << 63);
	se_image_seal(&img);
	assert_int_equal(0x109, open_len(img.len));
	img.area.scf = be64_make(0);
	img.area.noi = be32_make(1);
	se_image_seal(&img);
	assert_int_equal(0x0039010a, open_len(img.len));
}

#define TEST(name) cmocka_unit_test_setup(name, make_vector)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vector_is_the_published_one),
		TEST(test_open),
		TEST(test_slot_is_found_among_others),
		TEST(test_lengths),
		TEST(test_plain_fields),
		TEST(test_slots_and_area),
		TEST(test_foreign_key),
		TEST(test_customer_key),
		TEST(test_tampered),
		TEST(test_secret_fields),
	};

	return cmocka_run_group_tests_name("uv-sehdr", tests, NULL, NULL);
}
