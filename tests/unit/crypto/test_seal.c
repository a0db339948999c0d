// SPDX-License-Identifier: GPL-2.0-or-later
/* crypto/seal.h against known answers, and what it must refuse. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "crypto/se_format.h"
#include "crypto/seal.h"
#include "tests/unit/crypto/se_vectors.h"
#include "tests/unit/crypto/vector_key.h"

static EVP_PKEY *host, *customer;

static int make_keys(void **state)
{
	host = vector_key(VECTOR_KEY_HOST);
	customer = vector_key(VECTOR_KEY_CUSTOMER);
	return 0;
}

static int free_keys(void **state)
{
	EVP_PKEY_free(host);
	EVP_PKEY_free(customer);
	return 0;
}

static void assert_coordinates(EVP_PKEY *key, const uint8_t *x, const uint8_t *y)
{
	uint8_t got[SE_COORD_LEN], want[SE_COORD_LEN] = {0};

	memcpy(want + 14, x, 66);
	memcpy(want + 94, y, 66);
	assert_int_equal(seal_public_coordinates(key, got), 0);
	assert_memory_equal(got, want, SE_COORD_LEN);
}

static void test_coordinates(void **state)
{
	assert_coordinates(host, vec_host_x, vec_host_y);
	assert_coordinates(customer, vec_cust_x, vec_cust_y);
}

static void test_key_hash(void **state)
{
	uint8_t hash[SE_HASH_LEN];

	assert_int_equal(seal_key_hash(host, hash), 0);
	assert_memory_equal(hash, vec_phkh, SE_HASH_LEN);
}

/* Each side reaches the same key, from the coordinates alone of the other. */
static void test_kek_both_ways(void **state)
{
	EVP_PKEY *own[] = {host, customer}, *peer[] = {customer, host};
	uint8_t coordinates[SE_COORD_LEN], kek[SE_KEY_LEN];
	EVP_PKEY *public;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(seal_public_coordinates(peer[i], coordinates), 0);
		public = seal_public_key(coordinates);
		assert_non_null(public);
		assert_int_equal(seal_kek(own[i], public, kek), 0);
		assert_memory_equal(kek, vec_kek, SE_KEY_LEN);
		EVP_PKEY_free(public);
	}
}

static void test_kek_needs_a_private_key(void **state)
{
	uint8_t coordinates[SE_COORD_LEN], kek[SE_KEY_LEN];
	EVP_PKEY *public;

	assert_int_equal(seal_public_coordinates(host, coordinates), 0);
	public = seal_public_key(coordinates);
	assert_int_equal(seal_kek(public, customer, kek), -EINVAL);
	EVP_PKEY_free(public);
}

static void assert_bad_coordinates(size_t offset, uint8_t flip)
{
	uint8_t coordinates[SE_COORD_LEN];

	assert_int_equal(seal_public_coordinates(customer, coordinates), 0);
	coordinates[offset] ^= flip;
	errno = 0;
	assert_null(seal_public_key(coordinates));
	assert_int_equal(errno, EINVAL);
}

static void test_bad_padding(void **state)
{
	assert_bad_coordinates(0, 0x80);
	assert_bad_coordinates(13, 0x01);
	assert_bad_coordinates(80, 0x80);
	assert_bad_coordinates(93, 0x01);
}

static void test_point_not_on_curve(void **state)
{
	const uint8_t infinity[SE_COORD_LEN] = {0};

	assert_bad_coordinates(79, 0x01);
	assert_bad_coordinates(159, 0x01);
	assert_bad_coordinates(14, 0x02);
	assert_null(seal_public_key(infinity));
}

static void test_scalar_out_of_range(void **state)
{
	uint8_t scalar[66] = {0};

	assert_null(seal_private_key_from_scalar(scalar));
	memset(scalar, 0xff, sizeof(scalar));
	assert_null(seal_private_key_from_scalar(scalar));
}

static void test_generated_keys_differ(void **state)
{
	EVP_PKEY *a = seal_generate_key(), *b = seal_generate_key();
	uint8_t hash_a[SE_HASH_LEN], hash_b[SE_HASH_LEN];

	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(seal_key_hash(a, hash_a), 0);
	assert_int_equal(seal_key_hash(b, hash_b), 0);
	assert_memory_not_equal(hash_a, hash_b, SE_HASH_LEN);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
}

static void test_slot_wrap(void **state)
{
	const uint8_t iv[SE_IV_LEN] = {0};
	uint8_t key[SE_KEY_LEN], wrapped[SE_KEY_LEN], opened[SE_KEY_LEN], tag[SE_TAG_LEN];

	memset(key, 0x32, sizeof(key));
	assert_int_equal(seal_gcm_encrypt(vec_kek, iv, NULL, 0, key, sizeof(key), wrapped, tag), 0);
	assert_memory_equal(wrapped, vec_wrapped, sizeof(wrapped));
	assert_memory_equal(tag, vec_slot_tag, sizeof(tag));
	assert_int_equal(
		seal_gcm_decrypt(vec_kek, iv, NULL, 0, wrapped, sizeof(wrapped), opened, tag), 0);
	assert_memory_equal(opened, key, sizeof(key));
}

/* A flipped bit anywhere is seen, and no plaintext comes out. */
static void test_gcm_refuses_changes(void **state)
{
	uint8_t key[SE_KEY_LEN] = {1}, iv[SE_IV_LEN] = {2}, aad[40] = {3}, text[48] = {4};
	uint8_t cipher[48], out[48], tag[SE_TAG_LEN];
	const uint8_t zero[48] = {0};
	struct {
		uint8_t *data;
		size_t len;
	} parts[] = {
		{key, sizeof(key)},       {iv, sizeof(iv)},   {aad, sizeof(aad)},
		{cipher, sizeof(cipher)}, {tag, sizeof(tag)},
	};

	assert_int_equal(
		seal_gcm_encrypt(key, iv, aad, sizeof(aad), text, sizeof(text), cipher, tag), 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		for (size_t j = 0; j < parts[i].len; j++) {
			parts[i].data[j] ^= 0x10;
			memset(out, 0xaa, sizeof(out));
			assert_int_equal(seal_gcm_decrypt(key, iv, aad, sizeof(aad), cipher,
							  sizeof(cipher), out, tag),
					 -EBADMSG);
			assert_memory_equal(out, zero, sizeof(out));
			parts[i].data[j] ^= 0x10;
		}
	}
	assert_int_equal(
		seal_gcm_decrypt(key, iv, aad, sizeof(aad), cipher, sizeof(cipher), cipher, tag),
		0);
	assert_memory_equal(cipher, text, sizeof(text));
}

/* The whole SE header of the known answers: its area, its tag, its hash. */
static void test_header_seal(void **state)
{
	uint8_t hdr[640] = {0}, key[SE_KEY_LEN], hash[32];
	struct se_hdr_fixed *fixed = (struct se_hdr_fixed *)hdr;
	struct se_key_slot *slot = (struct se_key_slot *)(hdr + sizeof(*fixed));
	struct se_hdr_encrypted area = {0};
	uint8_t *out = hdr + sizeof(*fixed) + sizeof(*slot);

	fixed->magic = be64_make(SE_HDR_MAGIC);
	fixed->version = be32_make(SE_HDR_VERSION);
	fixed->phs = be32_make(sizeof(hdr));
	memset(fixed->iv, 0x33, sizeof(fixed->iv));
	fixed->nks = be64_make(1);
	fixed->sea = be64_make(sizeof(area));
	fixed->nep = be64_make(2);
	fixed->pcf = be64_make(0xe0);
	assert_int_equal(seal_public_coordinates(customer, fixed->cust_pub_key), 0);
	memcpy(fixed->pld, vec_pld, 64);
	memcpy(fixed->ald, vec_ald, 64);
	memcpy(fixed->tld, vec_tld, 64);
	memcpy(slot->phkh, vec_phkh, 32);
	memcpy(slot->wrapped, vec_wrapped, 32);
	memcpy(slot->tag, vec_slot_tag, 16);
	memset(area.cck, 0x31, sizeof(area.cck));
	for (size_t i = 0; i < sizeof(area.xts); i++)
		area.xts[i] = (uint8_t)i;
	area.psw_mask = be64_make(0x180000000);
	area.psw_addr = be64_make(0x15000);
	memset(key, 0x32, sizeof(key));

	assert_int_equal(seal_gcm_encrypt(key, fixed->iv, hdr, (size_t)(out - hdr), &area,
					  sizeof(area), out, out + sizeof(area)),
			 0);
	assert_memory_equal(out, vec_hdr_encrypted, sizeof(vec_hdr_encrypted));
	assert_memory_equal(out + sizeof(area), vec_hdr_tag, SE_TAG_LEN);
	assert_int_equal(EVP_Digest(hdr, sizeof(hdr), hash, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(hash, vec_hdr_sha256, sizeof(hash));
}

static struct seal_page *vector_pages(void)
{
	uint8_t key[SE_XTS_KEY_LEN];
	struct seal_page *p;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	p = seal_page_new(key);
	assert_non_null(p);
	return p;
}

static void vector_page(unsigned int n, uint8_t plain[4096], uint8_t tweak[SE_TWEAK_LEN])
{
	static const uint8_t prefix[8] = {0x00, 0x28, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6};
	be64_t offset = be64_make(n * 4096UL);

	memcpy(tweak, prefix, 8);
	memcpy(tweak + 8, &offset, 8);
	for (unsigned int i = 0; i < 4096; i++)
		plain[i] = (uint8_t)(7 * i + n);
}

static void test_page_cipher(void **state)
{
	const uint8_t *head[] = {vec_cipher0, vec_cipher1};
	const uint8_t *sum[] = {vec_cipher0_sha256, vec_cipher1_sha256};
	uint8_t plain[4096], cipher[4096], tweak[SE_TWEAK_LEN], hash[32];
	struct seal_page *p = vector_pages();

	/* twice, as contexts are reused */
	for (unsigned int i = 0; i < 4; i++) {
		vector_page(i % 2, plain, tweak);
		seal_page_encrypt(p, tweak, plain, cipher);
		assert_memory_equal(cipher, head[i % 2], 32);
		assert_int_equal(EVP_Digest(cipher, 4096, hash, NULL, EVP_sha256(), NULL), 1);
		assert_memory_equal(hash, sum[i % 2], 32);
		seal_page_decrypt(p, tweak, cipher, cipher);
		assert_memory_equal(cipher, plain, 4096);
	}
	seal_page_free(p);
}

static void test_page_list_digest(void **state)
{
	uint8_t plain[4096], cipher[4096], tweak[SE_TWEAK_LEN], digest[64];
	EVP_MD_CTX *pld = EVP_MD_CTX_new();
	struct seal_page *p = vector_pages();

	assert_int_equal(EVP_DigestInit_ex(pld, EVP_sha512(), NULL), 1);
	for (unsigned int n = 0; n < 2; n++) {
		vector_page(n, plain, tweak);
		seal_page_encrypt(p, tweak, plain, cipher);
		assert_int_equal(EVP_DigestUpdate(pld, cipher, sizeof(cipher)), 1);
	}
	assert_int_equal(EVP_DigestFinal_ex(pld, digest, NULL), 1);
	assert_memory_equal(digest, vec_pld, sizeof(digest));
	EVP_MD_CTX_free(pld);
	seal_page_free(p);
}

static void test_page_key_halves_differ(void **state)
{
	uint8_t key[SE_XTS_KEY_LEN];

	memset(key, 7, sizeof(key));
	errno = 0;
	assert_null(seal_page_new(key));
	assert_int_equal(errno, EINVAL);
	seal_page_free(NULL);
}

static void test_dump_key(void **state)
{
	uint8_t cck[32], seed[64], key[32];

	memset(cck, 0x31, sizeof(cck));
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	assert_int_equal(seal_dump_key(cck, seed, key), 0);
	assert_memory_equal(key, vec_dump_key, sizeof(key));
}

static void test_extension_secret(void **state)
{
	uint8_t cck[32], secret[32];

	memset(cck, 0x31, sizeof(cck));
	assert_int_equal(seal_hkdf_sha512(cck, sizeof(cck), vec_hdr_tag, sizeof(vec_hdr_tag),
					  "IBM Z Ultravisor Add-Secret", 27, secret),
			 0);
	assert_memory_equal(secret, vec_ext_secret, sizeof(secret));
}

static void write_file(const char *path, EVP_PKEY *key, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	if (key)
		assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	else
		fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void test_key_files(void **state)
{
	char path[] = "/tmp/protvirt-seal-XXXXXX";
	EVP_PKEY *p256 = EVP_EC_gen("P-256"), *read;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	write_file(path, host, NULL);
	read = seal_load_private_key(path);
	assert_non_null(read);
	assert_coordinates(read, vec_host_x, vec_host_y);
	EVP_PKEY_free(read);
	errno = 0;
	assert_null(seal_load_host_key_document(path));
	assert_int_equal(errno, EINVAL);

	write_file(path, p256, NULL);
	errno = 0;
	assert_null(seal_load_private_key(path));
	assert_int_equal(errno, EINVAL);
	write_file(path, NULL, "no key at all\n");
	errno = 0;
	assert_null(seal_load_private_key(path));
	assert_int_equal(errno, EINVAL);

	unlink(path);
	errno = 0;
	assert_null(seal_load_private_key(path));
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_null(seal_load_host_key_document(path));
	assert_int_equal(errno, ENOENT);
	EVP_PKEY_free(p256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coordinates),
		cmocka_unit_test(test_key_hash),
		cmocka_unit_test(test_kek_both_ways),
		cmocka_unit_test(test_kek_needs_a_private_key),
		cmocka_unit_test(test_bad_padding),
		cmocka_unit_test(test_point_not_on_curve),
		cmocka_unit_test(test_scalar_out_of_range),
		cmocka_unit_test(test_generated_keys_differ),
		cmocka_unit_test(test_slot_wrap),
		cmocka_unit_test(test_gcm_refuses_changes),
		cmocka_unit_test(test_header_seal),
		cmocka_unit_test(test_page_cipher),
		cmocka_unit_test(test_page_list_digest),
		cmocka_unit_test(test_page_key_halves_differ),
		cmocka_unit_test(test_dump_key),
		cmocka_unit_test(test_extension_secret),
		cmocka_unit_test(test_key_files),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
