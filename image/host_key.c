// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/host_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "crypto/seal.h"
#include "image/file_io.h"

#define VALID_DAYS (2 * 365)

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
	return X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, (const unsigned char *)value,
					  -1, -1, 0) == 1;
}

static bool set_names(X509 *cert)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return add_name(name, "O", "protvirt") &&
	       add_name(name, "OU", "Simulated machine, no protection") &&
	       add_name(name, "CN", "protvirt host key") && X509_set_issuer_name(cert, name) == 1;
}

static bool set_serial(X509 *cert)
{
	uint64_t serial;

	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1;
}

static X509 *self_sign(EVP_PKEY *key)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), 0) &&
	    X509_time_adj_ex(X509_getm_notAfter(cert), VALID_DAYS, 0, NULL) && set_names(cert) &&
	    X509_set_pubkey(cert, key) == 1 && X509_sign(cert, key, EVP_sha512()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

static int write_bio(BIO *bio, const char *path, mode_t mode, struct image_error *err)
{
	char *text;
	long len = BIO_get_mem_data(bio, &text);

	return file_write(path, text, (size_t)len, mode, false, err);
}

static int write_both(EVP_PKEY *key, X509 *cert, const char *key_path, const char *cert_path,
		      struct image_error *err)
{
	BIO *key_pem = BIO_new(BIO_s_secmem()), *cert_pem = BIO_new(BIO_s_mem());
	int rc = -ENOMEM;

	if (!key_pem || !cert_pem ||
	    PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) != 1 ||
	    PEM_write_bio_X509(cert_pem, cert) != 1)
		rc = image_fail(err, -ENOMEM, "cannot encode the key pair");
	else
		rc = write_bio(key_pem, key_path, S_IRUSR | S_IWUSR, err);
	if (!rc) {
		rc = write_bio(cert_pem, cert_path, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, err);
		if (rc)
			unlink(key_path);
	}
	BIO_free(key_pem);
	BIO_free(cert_pem);
	return rc;
}

int host_key_create(const char *dir, struct image_error *err)
{
	char *key_path = NULL, *cert_path = NULL;
	EVP_PKEY *key = seal_generate_key();
	X509 *cert = key ? self_sign(key) : NULL;
	int rc;

	if (!cert)
		rc = image_fail(err, -ENOMEM, "cannot make a key pair");
	else if (mkdir(dir, 0777) && errno != EEXIST)
		rc = image_fail(err, -errno, "%s: %s", dir, strerror(errno));
	else if (asprintf(&key_path, "%s/host-key.pem", dir) < 0 ||
		 asprintf(&cert_path, "%s/host-key.crt", dir) < 0)
		rc = image_fail(err, -ENOMEM, "out of memory");
	else
		rc = write_both(key, cert, key_path, cert_path, err);
	free(key_path);
	free(cert_path);
	X509_free(cert);
	EVP_PKEY_free(key);
	return rc;
}
