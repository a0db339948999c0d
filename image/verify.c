// SPDX-License-Identifier: GPL-2.0-or-later
#include "image/verify.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

/*
 * Root CA -> intermediate CA -> signing key -> host-key document. The signing key certificate is
 * no CA certificate, so the last step cannot be left to the library's chain building.
 */
struct verifier {
	X509_STORE *store;
	STACK_OF(X509) * certs;
	STACK_OF(X509_CRL) * crls;
	X509 *signing; /* one of @certs */
};

static bool name_has(X509 *cert, int nid, const char *const *values, bool at_end)
{
	X509_NAME *name = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	const char *text;
	size_t len;

	if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0)
		return false;
	text = (const char *)ASN1_STRING_get0_data(
		X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	len = (size_t)ASN1_STRING_length(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	for (; *values; values++) {
		size_t want = strlen(*values);

		if (len >= want && (at_end || len == want) &&
		    !memcmp(text + len - want, *values, want))
			return true;
	}
	return false;
}

static bool is_signing_key(X509 *cert)
{
	static const char *const country[] = {"US", NULL};
	static const char *const state[] = {"New York", NULL};
	static const char *const city[] = {"Poughkeepsie", "Armonk", NULL};
	static const char *const company[] = {"International Business Machines Corporation", NULL};
	static const char *const unit[] = {"Key Signing Service", NULL};

	return name_has(cert, NID_countryName, country, false) &&
	       name_has(cert, NID_stateOrProvinceName, state, false) &&
	       name_has(cert, NID_localityName, city, false) &&
	       name_has(cert, NID_organizationName, company, false) &&
	       name_has(cert, NID_commonName, company, false) &&
	       name_has(cert, NID_organizationalUnitName, unit, true);
}

static int push_certs(FILE *file, STACK_OF(X509) * to)
{
	X509 *cert;
	int n = 0;

	while ((cert = PEM_read_X509(file, NULL, NULL, NULL)) && sk_X509_push(to, cert))
		n++;
	if (n)
		return n;
	rewind(file);
	cert = d2i_X509_fp(file, NULL);
	return cert && sk_X509_push(to, cert);
}

static int push_crls(FILE *file, STACK_OF(X509_CRL) * to)
{
	X509_CRL *crl;
	int n = 0;

	while ((crl = PEM_read_X509_CRL(file, NULL, NULL, NULL)) && sk_X509_CRL_push(to, crl))
		n++;
	if (n)
		return n;
	rewind(file);
	crl = d2i_X509_CRL_fp(file, NULL);
	return crl && sk_X509_CRL_push(to, crl);
}

static int load_cert_file(const char *path, STACK_OF(X509) * to, struct image_error *err)
{
	FILE *file = fopen(path, "re");
	int n;

	if (!file)
		return image_fail(err, -errno, "%s: %s", path, strerror(errno));
	n = push_certs(file, to);
	fclose(file);
	return n ? 0 : image_fail(err, -EINVAL, "%s: no X.509 certificate (PEM or DER)", path);
}

static int load_crl_file(const char *path, STACK_OF(X509_CRL) * to, struct image_error *err)
{
	FILE *file = fopen(path, "re");
	int n;

	if (!file)
		return image_fail(err, -errno, "%s: %s", path, strerror(errno));
	n = push_crls(file, to);
	fclose(file);
	return n ? 0
		 : image_fail(err, -EINVAL, "%s: no certificate revocation list (PEM or DER)",
			      path);
}

static int load_files(struct verifier *v, const struct verify_files *files, struct image_error *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < files->num_certs; i++)
		rc = load_cert_file(files->certs[i], v->certs, err);
	for (size_t i = 0; !rc && i < files->num_crls; i++)
		rc = load_crl_file(files->crls[i], v->crls, err);
	if (rc)
		return rc;
	if (!files->root_ca)
		return X509_STORE_set_default_paths(v->store) == 1
			       ? 0
			       : image_fail(err, -ENOENT,
					    "the system's root certificates: not found");
	if (X509_STORE_load_file(v->store, files->root_ca) != 1)
		return image_fail(err, -EINVAL, "%s: no root certificate (PEM)", files->root_ca);
	return 0;
}

static int find_signing_key(struct verifier *v, struct image_error *err)
{
	for (int i = 0; i < sk_X509_num(v->certs); i++) {
		X509 *cert = sk_X509_value(v->certs, i);

		if (!is_signing_key(cert))
			continue;
		if (v->signing)
			return image_fail(err, -EINVAL,
					  "more than one host-key signing certificate (--cert)");
		v->signing = cert;
	}
	if (!v->signing)
		return image_fail(err, -EINVAL,
				  "no host-key signing certificate (--cert); its OU ends with "
				  "\"Key Signing Service\"");
	return 0;
}

static int verify_signing_key(struct verifier *v, struct image_error *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	int rc = 0;

	if (!ctx || X509_STORE_CTX_init(ctx, v->store, v->signing, v->certs) != 1) {
		rc = image_fail(err, -ENOMEM, "no memory to verify certificates");
	} else {
		X509_STORE_CTX_set0_crls(ctx, v->crls);
		X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT);
		if (X509_verify_cert(ctx) != 1)
			rc = image_fail(
				err, -EKEYREJECTED, "host-key signing certificate: %s",
				X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
		else if (sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) < 3)
			rc = image_fail(err, -EKEYREJECTED,
					"host-key signing certificate: no intermediate CA between "
					"it and the root");
	}
	X509_STORE_CTX_free(ctx);
	return rc;
}

struct verifier *verifier_new(const struct verify_files *files, struct image_error *err)
{
	struct verifier *v = calloc(1, sizeof(*v));

	if (v) {
		v->store = X509_STORE_new();
		v->certs = sk_X509_new_null();
		v->crls = sk_X509_CRL_new_null();
	}
	if (!v || !v->store || !v->certs || !v->crls)
		image_fail(err, -ENOMEM, "no memory to verify certificates");
	else if (!load_files(v, files, err) && !find_signing_key(v, err) &&
		 !verify_signing_key(v, err))
		return v;
	verifier_free(v);
	return NULL;
}

void verifier_free(struct verifier *v)
{
	if (!v)
		return;
	X509_STORE_free(v->store);
	sk_X509_pop_free(v->certs, X509_free);
	sk_X509_CRL_pop_free(v->crls, X509_CRL_free);
	free(v);
}

/* A revocation list counts if the signing key made it and it is of today. */
static bool crl_counts(const struct verifier *v, X509_CRL *crl)
{
	const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);

	return !X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(v->signing)) &&
	       X509_CRL_verify(crl, X509_get0_pubkey(v->signing)) == 1 &&
	       X509_cmp_current_time(X509_CRL_get0_lastUpdate(crl)) < 0 &&
	       (!next || X509_cmp_current_time(next) > 0);
}

static const char *revocation_problem(const struct verifier *v, X509 *cert)
{
	bool seen = false;

	for (int i = 0; i < sk_X509_CRL_num(v->crls); i++) {
		X509_CRL *crl = sk_X509_CRL_value(v->crls, i);
		X509_REVOKED *entry;

		if (!crl_counts(v, crl))
			continue;
		seen = true;
		if (X509_CRL_get0_by_cert(crl, &entry, cert) == 1)
			return "revoked";
	}
	return seen ? NULL : "no valid revocation list of its issuer (--crl)";
}

static const char *document_problem(const struct verifier *v, X509 *cert)
{
	if (X509_NAME_cmp(X509_get_issuer_name(cert), X509_get_subject_name(v->signing)))
		return "not issued by the host-key signing certificate";
	if (X509_verify(cert, X509_get0_pubkey(v->signing)) != 1)
		return "signature is not that of the host-key signing certificate";
	if (X509_cmp_current_time(X509_get0_notBefore(cert)) >= 0)
		return "not valid yet";
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0)
		return "expired";
	return revocation_problem(v, cert);
}

int verifier_check(const struct verifier *v, const char *path, struct image_error *err)
{
	STACK_OF(X509) *documents = sk_X509_new_null();
	const char *wrong = NULL;
	int rc = documents ? load_cert_file(path, documents, err) : -ENOMEM;

	if (!documents)
		return image_fail(err, rc, "%s: out of memory", path);
	/* Only the first one of a file is used, as when its key is read. */
	if (!rc)
		wrong = document_problem(v, sk_X509_value(documents, 0));
	if (wrong)
		rc = image_fail(err, -EKEYREJECTED, "%s: %s", path, wrong);
	sk_X509_pop_free(documents, X509_free);
	return rc;
}
