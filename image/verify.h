/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a host-key document genuine? The chain of trust from a root certificate to the document. */
#ifndef IMAGE_VERIFY_H
#define IMAGE_VERIFY_H

#include <stddef.h>

#include "image/error.h"

/** struct verify_files - what the decision rests on; all are paths, PEM or DER */
struct verify_files {
	const char *const *certs; /* intermediate and signing key certificates */
	size_t num_certs;
	const char *const *crls;
	size_t num_crls;
	const char *root_ca; /* NULL: those that the system trusts */
};

struct verifier;

/**
 * verifier_new() - load the files and verify the one host-key signing certificate among them
 * Return: the verifier, or NULL with @err set.
 */
struct verifier *verifier_new(const struct verify_files *files, struct image_error *err);

/**
 * verifier_check() - verify one host-key document: issuer, signature, validity, not revoked
 * Return: 0, or -EKEYREJECTED with @err set.
 */
int verifier_check(const struct verifier *v, const char *path, struct image_error *err);

void verifier_free(struct verifier *v);

#endif
