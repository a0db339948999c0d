// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/crypto/vector_key.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/seal.h"

EVP_PKEY *vector_key(uint8_t byte)
{
	uint8_t scalar[66];

	memset(scalar, byte, sizeof(scalar));
	scalar[0] = 0;
	return seal_private_key_from_scalar(scalar);
}

bool vector_key_write_host(char *path)
{
	EVP_PKEY *key = vector_key(VECTOR_KEY_HOST);
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool written = false;

	if (key && file)
		written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (file)
		written = !fclose(file) && written;
	EVP_PKEY_free(key);
	return written;
}
