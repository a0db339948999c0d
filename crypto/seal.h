/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cryptographic building blocks of Secure Execution formats
 * (secure-execution-formats, section 1), on OpenSSL's libcrypto.
 *
 * Used by the Ultravisor, which opens, and by the image tools, which seal.
 */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#define SE_COORD_LEN 160 /* x and y, each left-padded to 80 bytes */
#define SE_HASH_LEN 32
#define SE_KEY_LEN 32
#define SE_XTS_KEY_LEN 64
#define SE_IV_LEN 12
#define SE_TAG_LEN 16
#define SE_TWEAK_LEN 16

/**
 * seal_load_private_key() - read a secp521r1 private key from a PEM file
 * Return: the key (EVP_PKEY_free() it), or NULL with errno: ENOENT .. from open, EINVAL not such a
 * key.
 */
EVP_PKEY *seal_load_private_key(const char *path);

/**
 * seal_load_host_key_document() - public key of an X.509 host-key document, PEM or DER
 * Return: the key, or NULL with errno as above.
 */
EVP_PKEY *seal_load_host_key_document(const char *path);

/** seal_generate_key() - a fresh secp521r1 key pair, or NULL (errno ENOMEM) */
EVP_PKEY *seal_generate_key(void);

/** seal_private_key_from_scalar() - key pair from a 66-byte big-endian scalar; for test vectors */
EVP_PKEY *seal_private_key_from_scalar(const uint8_t scalar[66]);

/** seal_public_coordinates() - the 160-byte coordinates of a key. Return: 0 or -EINVAL */
int seal_public_coordinates(const EVP_PKEY *key, uint8_t out[SE_COORD_LEN]);

/** seal_public_key() - key from coordinates; NULL if the padding or the point is bad */
EVP_PKEY *seal_public_key(const uint8_t coordinates[SE_COORD_LEN]);

/** seal_key_hash() - phkh: SHA-256 over the coordinates. Return: 0 or -EINVAL */
int seal_key_hash(const EVP_PKEY *key, uint8_t out[SE_HASH_LEN]);

/**
 * seal_kek() - key-encryption key from ECDH and one round of the X9.63 KDF
 * Return: 0 or -EINVAL.
 */
int seal_kek(EVP_PKEY *own_private, EVP_PKEY *peer_public, uint8_t kek[SE_KEY_LEN]);

/**
 * seal_gcm_encrypt() - AES-256-GCM; @len bytes of @in to @out (may be the same)
 * Return: 0 or -ENOMEM.
 */
int seal_gcm_encrypt(const uint8_t key[SE_KEY_LEN], const uint8_t iv[SE_IV_LEN], const void *aad,
		     size_t aad_len, const void *in, size_t len, void *out,
		     uint8_t tag[SE_TAG_LEN]);

/** seal_gcm_decrypt() - Return: 0, or -EBADMSG if the tag does not fit (then @out is zeroed) */
int seal_gcm_decrypt(const uint8_t key[SE_KEY_LEN], const uint8_t iv[SE_IV_LEN], const void *aad,
		     size_t aad_len, const void *in, size_t len, void *out,
		     const uint8_t tag[SE_TAG_LEN]);

/** struct seal_page - AES-256-XTS for pages under one key; contexts are reused */
struct seal_page;

/** seal_page_new() - Return: the cipher, or NULL with errno EINVAL (halves equal) or ENOMEM */
struct seal_page *seal_page_new(const uint8_t key[SE_XTS_KEY_LEN]);
void seal_page_free(struct seal_page *p);

/**
 * seal_page_encrypt() - one 4 KiB page is one data unit; @in and @out may be the same
 * @tweak: used as it is as the XTS initial value
 * Context: one thread at a time a context.
 */
void seal_page_encrypt(struct seal_page *p, const uint8_t tweak[SE_TWEAK_LEN], const void *in,
		       void *out);
void seal_page_decrypt(struct seal_page *p, const uint8_t tweak[SE_TWEAK_LEN], const void *in,
		       void *out);

/** seal_hkdf_sha512() - RFC 5869, 32 bytes of output. Return: 0 or -ENOMEM */
int seal_hkdf_sha512(const void *ikm, size_t ikm_len, const void *salt, size_t salt_len,
		     const void *info, size_t info_len, uint8_t out[32]);

#define SE_DUMP_SEED_LEN 64

/**
 * seal_dump_key() - the key of a dump's blocks, from the customer communication key
 * @seed: random, drawn anew for each dump; stands in its completion block
 *
 * Return: 0 or -ENOMEM.
 */
int seal_dump_key(const uint8_t cck[SE_KEY_LEN], const uint8_t seed[SE_DUMP_SEED_LEN],
		  uint8_t key[SE_KEY_LEN]);

#endif
