// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys on secp521r1: reading and making them, their coordinates and hash, and the
 * key-encryption key that two of them agree on.
 */
#include "crypto/seal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define GROUP       "P-521"
#define COORD_BYTES 66                 /* a P-521 coordinate without padding */
#define COORD_FIELD (SE_COORD_LEN / 2) /* and its field in a structure */
#define COORD_PAD   (COORD_FIELD - COORD_BYTES)
#define POINT_LEN   (1 + 2 * COORD_BYTES) /* 04, x, y */

/* The one curve of these formats; errno tells the caller that the file had another key. */
static EVP_PKEY *require_p521(EVP_PKEY *key)
{
	char group[32];

	if (key && EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    (!strcmp(group, SN_secp521r1) || !strcmp(group, GROUP)))
		return key;
	EVP_PKEY_free(key);
	errno = EINVAL;
	return NULL;
}

/* A key file with a passphrase is refused instead of asking on the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *arg)
{
	return -1;
}

EVP_PKEY *seal_load_private_key(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;

	if (!file)
		return NULL;
	key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
	fclose(file);
	return require_p521(key);
}

EVP_PKEY *seal_load_host_key_document(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;
	X509 *cert;

	if (!file)
		return NULL;
	cert = PEM_read_X509(file, NULL, no_passphrase, NULL);
	if (!cert) {
		rewind(file);
		cert = d2i_X509_fp(file, NULL);
	}
	fclose(file);
	key = cert ? X509_get_pubkey(cert) : NULL;
	X509_free(cert);
	return require_p521(key);
}

EVP_PKEY *seal_generate_key(void)
{
	EVP_PKEY *key = EVP_EC_gen(GROUP);

	if (!key)
		errno = ENOMEM;
	return key;
}

/* An EC key from its encoded public point and, if @scalar is not NULL, its private scalar. */
static EVP_PKEY *key_from_parts(const uint8_t point[POINT_LEN], const BIGNUM *scalar)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (bld && ctx &&
	    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, GROUP, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_LEN) == 1 &&
	    (!scalar || OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1))
		params = OSSL_PARAM_BLD_to_param(bld);
	if (params && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &key, scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
				  params);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool point_from_scalar(const BIGNUM *scalar, uint8_t out[POINT_LEN])
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_secp521r1);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	bool ok = point && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0 &&
		  EC_POINT_mul(group, point, scalar, NULL, NULL, NULL) == 1 &&
		  EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, POINT_LEN,
				     NULL) == POINT_LEN;

	EC_POINT_free(point);
	EC_GROUP_free(group);
	return ok;
}

EVP_PKEY *seal_private_key_from_scalar(const uint8_t scalar[66])
{
	BIGNUM *n = BN_secure_new();
	uint8_t point[POINT_LEN];
	EVP_PKEY *key = NULL;

	if (n && BN_bin2bn(scalar, COORD_BYTES, n) && point_from_scalar(n, point))
		key = key_from_parts(point, n);
	BN_clear_free(n);
	if (!key)
		errno = EINVAL;
	return key;
}

static int put_coordinate(const EVP_PKEY *key, const char *name, uint8_t *out)
{
	BIGNUM *n = NULL;
	int rc = -EINVAL;

	if (EVP_PKEY_get_bn_param(key, name, &n) == 1 && BN_bn2binpad(n, out, COORD_FIELD) > 0)
		rc = 0;
	BN_free(n);
	return rc;
}

int seal_public_coordinates(const EVP_PKEY *key, uint8_t out[SE_COORD_LEN])
{
	if (put_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, out) ||
	    put_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, out + COORD_FIELD))
		return -EINVAL;
	return 0;
}

EVP_PKEY *seal_public_key(const uint8_t coordinates[SE_COORD_LEN])
{
	static const uint8_t zero[COORD_PAD];
	const uint8_t *x = coordinates, *y = coordinates + COORD_FIELD;
	uint8_t point[POINT_LEN];
	EVP_PKEY *key = NULL;

	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, x + COORD_PAD, COORD_BYTES);
	memcpy(point + 1 + COORD_BYTES, y + COORD_PAD, COORD_BYTES);
	/* Decoding the point fails unless it is on the curve. */
	if (!memcmp(x, zero, COORD_PAD) && !memcmp(y, zero, COORD_PAD))
		key = key_from_parts(point, NULL);
	if (!key)
		errno = EINVAL;
	return key;
}

int seal_key_hash(const EVP_PKEY *key, uint8_t out[SE_HASH_LEN])
{
	uint8_t coordinates[SE_COORD_LEN];

	if (seal_public_coordinates(key, coordinates))
		return -EINVAL;
	if (EVP_Digest(coordinates, sizeof(coordinates), out, NULL, EVP_sha256(), NULL) != 1)
		return -EINVAL;
	return 0;
}

/* ECDH: the shared point's x coordinate, leading zeros kept. */
static bool agree(EVP_PKEY *own, EVP_PKEY *peer, uint8_t secret[COORD_BYTES])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t len = COORD_BYTES;
	bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		  EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
		  EVP_PKEY_derive(ctx, secret, &len) == 1 && len == COORD_BYTES;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

int seal_kek(EVP_PKEY *own_private, EVP_PKEY *peer_public, uint8_t kek[SE_KEY_LEN])
{
	/* the shared secret, then the counter of the KDF's only round: 1 */
	uint8_t input[COORD_BYTES + 4] = {[COORD_BYTES + 3] = 1};
	int rc = -EINVAL;

	if (agree(own_private, peer_public, input) &&
	    EVP_Digest(input, sizeof(input), kek, NULL, EVP_sha256(), NULL) == 1)
		rc = 0;
	OPENSSL_cleanse(input, sizeof(input));
	return rc;
}
