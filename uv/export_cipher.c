// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ciphers are fetched once and their contexts keep the key schedules: of a
 * page's cost only the page is left. One set of contexts a thread that is in
 * here at the same time.
 */
#include "uv/export_cipher.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "protvirt/be.h"

#define TWEAK_LEN    16
#define MAC_IV_LEN   12
#define MAC_HEAD_LEN 32

/** struct contexts - for one thread at a time */
struct contexts {
	struct contexts *next;
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
	EVP_CIPHER_CTX *mac;
};

/**
 * struct export_cipher - keys of a configuration
 * @lock: protects @idle
 * @idle: contexts nobody uses now
 */
struct export_cipher {
	pthread_mutex_t lock;
	struct contexts *idle;
	uint8_t xts_key[EXPORT_XTS_KEY_LEN];
	uint8_t mac_key[EXPORT_MAC_KEY_LEN];
	uint8_t nonce[EXPORT_NONCE_LEN];
};

static EVP_CIPHER *xts, *gcm;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch_ciphers(void)
{
	xts = EVP_CIPHER_fetch(NULL, "AES-256-XTS", NULL);
	gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
}

static void contexts_free(struct contexts *x)
{
	if (!x)
		return;
	EVP_CIPHER_CTX_free(x->encrypt);
	EVP_CIPHER_CTX_free(x->decrypt);
	EVP_CIPHER_CTX_free(x->mac);
	free(x);
}

static EVP_CIPHER_CTX *context_new(EVP_CIPHER *cipher, const uint8_t *key, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx && EVP_CipherInit_ex2(ctx, cipher, key, NULL, encrypt, NULL) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

static struct contexts *contexts_new(const struct export_cipher *c)
{
	struct contexts *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->encrypt = context_new(xts, c->xts_key, 1);
	x->decrypt = context_new(xts, c->xts_key, 0);
	x->mac = context_new(gcm, c->mac_key, 1);
	if (x->encrypt && x->decrypt && x->mac)
		return x;
	contexts_free(x);
	return NULL;
}

static struct contexts *contexts_take(struct export_cipher *c)
{
	struct contexts *x;

	pthread_mutex_lock(&c->lock);
	x = c->idle;
	if (x)
		c->idle = x->next;
	pthread_mutex_unlock(&c->lock);
	return x ? x : contexts_new(c);
}

static void contexts_give(struct export_cipher *c, struct contexts *x)
{
	pthread_mutex_lock(&c->lock);
	x->next = c->idle;
	c->idle = x;
	pthread_mutex_unlock(&c->lock);
}

struct export_cipher *export_cipher_new(const uint8_t secret[EXPORT_SECRET_LEN])
{
	struct export_cipher *c;

	pthread_once(&fetched, fetch_ciphers);
	if (!CRYPTO_memcmp(secret, secret + EXPORT_XTS_KEY_LEN / 2, EXPORT_XTS_KEY_LEN / 2)) {
		errno = EINVAL;
		return NULL;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	memcpy(c->xts_key, secret, EXPORT_XTS_KEY_LEN);
	memcpy(c->mac_key, secret + EXPORT_XTS_KEY_LEN, EXPORT_MAC_KEY_LEN);
	memcpy(c->nonce, secret + EXPORT_XTS_KEY_LEN + EXPORT_MAC_KEY_LEN, EXPORT_NONCE_LEN);
	c->idle = contexts_new(c);
	if (!c->idle) {
		export_cipher_free(c);
		errno = ENOMEM;
		return NULL;
	}
	return c;
}

void export_cipher_free(struct export_cipher *c)
{
	if (!c)
		return;
	while (c->idle) {
		struct contexts *x = c->idle;

		c->idle = x->next;
		contexts_free(x);
	}
	pthread_mutex_destroy(&c->lock);
	OPENSSL_cleanse(c, sizeof(*c));
	free(c);
}

static int crypt_page(const struct export_cipher *c, EVP_CIPHER_CTX *ctx, uint64_t counter,
		      const uint8_t *in, uint8_t *out)
{
	be64_t head = be64_make(counter);
	uint8_t tweak[TWEAK_LEN];
	int n;

	memcpy(tweak, &head, sizeof(head));
	memcpy(tweak + sizeof(head), c->nonce, EXPORT_NONCE_LEN);
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, tweak, -1, NULL) != 1 ||
	    EVP_CipherUpdate(ctx, out, &n, in, (int)PAGE_SIZE) != 1)
		return -ENOMEM;
	return 0;
}

static int page_tag(EVP_CIPHER_CTX *ctx, const struct export_id *id, const uint8_t *ciphertext,
		    uint8_t tag[EXPORT_TAG_LEN])
{
	be64_t counter = be64_make(id->counter), gaddr = be64_make(id->gaddr);
	uint8_t iv[MAC_IV_LEN] = {0}, head[MAC_HEAD_LEN] = {0};
	int n;

	memcpy(iv, &counter, sizeof(counter));
	memcpy(head, &gaddr, sizeof(gaddr));
	memcpy(head + sizeof(gaddr), id->uid, 16);
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, iv, -1, NULL) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &n, head, MAC_HEAD_LEN) != 1 ||
	    EVP_CipherUpdate(ctx, NULL, &n, ciphertext, (int)PAGE_SIZE) != 1 ||
	    EVP_CipherFinal_ex(ctx, iv, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, EXPORT_TAG_LEN, tag) != 1)
		return -ENOMEM;
	return 0;
}

int export_cipher_seal(struct export_cipher *c, const struct export_id *id,
		       const uint8_t in[PAGE_SIZE], uint8_t out[PAGE_SIZE],
		       uint8_t tag[EXPORT_TAG_LEN])
{
	struct contexts *x = contexts_take(c);
	int rc;

	if (!x)
		return -ENOMEM;
	rc = crypt_page(c, x->encrypt, id->counter, in, out);
	if (!rc)
		rc = page_tag(x->mac, id, out, tag);
	contexts_give(c, x);
	return rc;
}

int export_cipher_open(struct export_cipher *c, const struct export_id *id, uint8_t page[PAGE_SIZE],
		       const uint8_t tag[EXPORT_TAG_LEN])
{
	struct contexts *x = contexts_take(c);
	uint8_t expected[EXPORT_TAG_LEN];
	int rc;

	if (!x)
		return -ENOMEM;
	rc = page_tag(x->mac, id, page, expected);
	if (!rc && CRYPTO_memcmp(expected, tag, EXPORT_TAG_LEN))
		rc = -EBADMSG;
	if (!rc)
		rc = crypt_page(c, x->decrypt, id->counter, page, page);
	contexts_give(c, x);
	return rc;
}

void export_cipher_dump_key(const struct export_cipher *c, uint8_t key[EXPORT_XTS_KEY_LEN],
			    uint8_t nonce[EXPORT_NONCE_LEN])
{
	memcpy(key, c->xts_key, EXPORT_XTS_KEY_LEN);
	memcpy(nonce, c->nonce, EXPORT_NONCE_LEN);
}
