/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of the published vectors (tests/unit/crypto/se_vectors.h): scalars of one byte,
 * repeated. */
#ifndef TESTS_UNIT_CRYPTO_VECTOR_KEY_H
#define TESTS_UNIT_CRYPTO_VECTOR_KEY_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#define VECTOR_KEY_HOST     0x11
#define VECTOR_KEY_CUSTOMER 0x22

/** vector_key() - the private key whose scalar is 00, then 65 times @byte. Return: the key, or NULL
 */
EVP_PKEY *vector_key(uint8_t byte);

/**
 * vector_key_write_host() - write the host's private key as PEM
 * @path: template of mkstemp(); the file's name afterwards. The caller unlinks it.
 * Return: whether it was written.
 */
bool vector_key_write_host(char *path);

#endif
