// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Symmetric building blocks: AES-256-GCM for structures, AES-256-XTS for pages,
 * HKDF for derived keys.
 *
 * Looking an algorithm up costs more than encrypting a page with it, so each is
 * fetched once for the process. A page context keeps its key schedule: a page then
 * costs one call that sets the tweak and one that does the work.
 */
#include "crypto/seal.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#define PAGE_LEN 4096

struct seal_page {
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
};

/* Written once under @algorithms_once, read-only afterwards; live as long as the process. */
static struct {
	EVP_CIPHER *gcm;
	EVP_CIPHER *xts;
	EVP_KDF *hkdf;
} algorithms;
static pthread_once_t algorithms_once = PTHREAD_ONCE_INIT;

static void free_algorithms(void)
{
	EVP_CIPHER_free(algorithms.gcm);
	EVP_CIPHER_free(algorithms.xts);
	EVP_KDF_free(algorithms.hkdf);
}

static void fetch_algorithms(void)
{
	algorithms.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	algorithms.xts = EVP_CIPHER_fetch(NULL, "AES-256-XTS", NULL);
	algorithms.hkdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
	OPENSSL_atexit(free_algorithms);
}

static bool gcm_run(EVP_CIPHER_CTX *ctx, const void *aad, size_t aad_len, const void *in,
		    size_t len, void *out)
{
	int done;

	if (aad_len && EVP_CipherUpdate(ctx, NULL, &done, aad, (int)aad_len) != 1)
		return false;
	if (len && EVP_CipherUpdate(ctx, out, &done, in, (int)len) != 1)
		return false;
	return true;
}

static EVP_CIPHER_CTX *gcm_start(const uint8_t *key, const uint8_t *iv, size_t aad_len, size_t len,
				 int encrypt)
{
	EVP_CIPHER_CTX *ctx;

	pthread_once(&algorithms_once, fetch_algorithms);
	if (!algorithms.gcm || aad_len > INT_MAX || len > INT_MAX)
		return NULL;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx && EVP_CipherInit_ex2(ctx, algorithms.gcm, key, iv, encrypt, NULL) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

int seal_gcm_encrypt(const uint8_t key[SE_KEY_LEN], const uint8_t iv[SE_IV_LEN], const void *aad,
		     size_t aad_len, const void *in, size_t len, void *out, uint8_t tag[SE_TAG_LEN])
{
	EVP_CIPHER_CTX *ctx = gcm_start(key, iv, aad_len, len, 1);
	uint8_t rest[16];
	int done, rc = -ENOMEM;

	if (ctx && gcm_run(ctx, aad, aad_len, in, len, out) &&
	    EVP_CipherFinal_ex(ctx, rest, &done) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SE_TAG_LEN, tag) == 1)
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

int seal_gcm_decrypt(const uint8_t key[SE_KEY_LEN], const uint8_t iv[SE_IV_LEN], const void *aad,
		     size_t aad_len, const void *in, size_t len, void *out,
		     const uint8_t tag[SE_TAG_LEN])
{
	EVP_CIPHER_CTX *ctx = gcm_start(key, iv, aad_len, len, 0);
	uint8_t expected[SE_TAG_LEN], rest[16];
	int done, rc = -EBADMSG;

	memcpy(expected, tag, SE_TAG_LEN);
	/* The library compares the tag in constant time. */
	if (ctx && gcm_run(ctx, aad, aad_len, in, len, out) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SE_TAG_LEN, expected) == 1 &&
	    EVP_CipherFinal_ex(ctx, rest, &done) == 1)
		rc = 0;
	else
		OPENSSL_cleanse(out, len);
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

static EVP_CIPHER_CTX *page_context(const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx && EVP_CipherInit_ex2(ctx, algorithms.xts, key, NULL, encrypt, NULL) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

struct seal_page *seal_page_new(const uint8_t key[SE_XTS_KEY_LEN])
{
	struct seal_page *p;

	if (!CRYPTO_memcmp(key, key + SE_XTS_KEY_LEN / 2, SE_XTS_KEY_LEN / 2)) {
		errno = EINVAL;
		return NULL;
	}
	pthread_once(&algorithms_once, fetch_algorithms);
	p = calloc(1, sizeof(*p));
	if (p && algorithms.xts) {
		p->encrypt = page_context(key, 1);
		p->decrypt = page_context(key, 0);
		if (p->encrypt && p->decrypt)
			return p;
	}
	seal_page_free(p);
	errno = ENOMEM;
	return NULL;
}

void seal_page_free(struct seal_page *p)
{
	if (!p)
		return;
	/* The contexts own the key schedules and wipe them. */
	EVP_CIPHER_CTX_free(p->encrypt);
	EVP_CIPHER_CTX_free(p->decrypt);
	free(p);
}

/*
 * With key and direction set, neither the tweak nor a whole page can be refused: a failure here
 * would be a bug of ours, and going on could let plaintext out.
 */
static void page_run(EVP_CIPHER_CTX *ctx, const uint8_t *tweak, const void *in, void *out)
{
	int done = 0;

	if (EVP_CipherInit_ex2(ctx, NULL, NULL, tweak, -1, NULL) != 1 ||
	    EVP_CipherUpdate(ctx, out, &done, in, PAGE_LEN) != 1 || done != PAGE_LEN)
		abort();
}

void seal_page_encrypt(struct seal_page *p, const uint8_t tweak[SE_TWEAK_LEN], const void *in,
		       void *out)
{
	page_run(p->encrypt, tweak, in, out);
}

void seal_page_decrypt(struct seal_page *p, const uint8_t tweak[SE_TWEAK_LEN], const void *in,
		       void *out)
{
	page_run(p->decrypt, tweak, in, out);
}

int seal_hkdf_sha512(const void *ikm, size_t ikm_len, const void *salt, size_t salt_len,
		     const void *info, size_t info_len, uint8_t out[32])
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA512", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)ikm, ikm_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_len),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF_CTX *ctx;
	int rc = -ENOMEM;

	pthread_once(&algorithms_once, fetch_algorithms);
	ctx = algorithms.hkdf ? EVP_KDF_CTX_new(algorithms.hkdf) : NULL;
	if (ctx && EVP_KDF_derive(ctx, out, 32, params) == 1)
		rc = 0;
	EVP_KDF_CTX_free(ctx);
	return rc;
}

int seal_dump_key(const uint8_t cck[SE_KEY_LEN], const uint8_t seed[SE_DUMP_SEED_LEN],
		  uint8_t key[SE_KEY_LEN])
{
	static const char info[] = "IBM Z Ultravisor Dump";

	return seal_hkdf_sha512(cck, SE_KEY_LEN, seed, SE_DUMP_SEED_LEN, info, sizeof(info) - 1,
				key);
}
