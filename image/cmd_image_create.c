// SPDX-License-Identifier: GPL-2.0-or-later
/* protvirt image create: files and keys in, one Secure Execution image out. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "image/cmd_image.h"
#include "image/file_io.h"
#include "image/kernel_file.h"
#include "image/options.h"
#include "image/se_image.h"
#include "image/verify.h"

#define MAX_CERTS 32

enum {
	KEY_NO_VERIFY = OPTION_LONG,
	KEY_CRL,
	KEY_ROOT_CA,
	KEY_OFFLINE,
	KEY_COMM_KEY,
	KEY_ENABLE_DUMP,
	KEY_NO_ENCRYPTION,
	KEY_HDR_KEY,
	KEY_IMAGE_KEY,
	KEY_PCF,
	KEY_SCF,
	KEY_PSW,
	KEY_OVERWRITE,
	KEY_NO_COMPONENT_CHECK,
};

static const struct option_row create_options[] = {
	{'k', "host-key-document", "FILE", "machine that may run the image; repeatable"},
	{'i', "image", "FILE", "kernel: raw, or an s390x ELF executable"},
	{'i', "kernel", "FILE", NULL},
	{'r', "ramdisk", "FILE", "initial ramdisk"},
	{'p', "parmfile", "FILE", "kernel command line"},
	{'o', "output", "FILE", "image to make"},
	{KEY_OVERWRITE, "overwrite", NULL, "replace an existing output file"},
	{KEY_NO_VERIFY, "no-verify", NULL, "take host-key documents as they are"},
	{'C', "cert", "FILE", "signing key and intermediate CA certificates; repeatable"},
	{KEY_CRL, "crl", "FILE", "certificate revocation list; repeatable"},
	{KEY_ROOT_CA, "root-ca", "FILE", "trust this root instead of the system's"},
	{KEY_OFFLINE, "offline", NULL, "download nothing; needed to verify"},
	{KEY_COMM_KEY, "comm-key", "FILE", "customer communication key, 32 bytes"},
	{KEY_COMM_KEY, "cck", "FILE", NULL},
	{KEY_COMM_KEY, "x-comm-key", "FILE", NULL},
	{KEY_ENABLE_DUMP, "enable-dump", NULL, "allow dumps of the guest; needs --comm-key"},
	{KEY_NO_ENCRYPTION, "disable-image-encryption", NULL, "components stay readable"},
	{KEY_NO_COMPONENT_CHECK, "no-component-check", NULL, "take any file as the kernel"},
	{KEY_HDR_KEY, "hdr-key", "FILE", "header protection key, 32 bytes"},
	{KEY_HDR_KEY, "x-header-key", "FILE", NULL},
	{KEY_IMAGE_KEY, "image-key", "FILE", "image encryption key, 64 bytes"},
	{KEY_IMAGE_KEY, "x-comp-key", "FILE", NULL},
	{KEY_PCF, "x-pcf", "HEX", "plaintext control flags, 0xe0 by default"},
	{KEY_SCF, "x-scf", "HEX", "secret control flags, 0 by default"},
	{KEY_PSW, "x-psw", "HEX", "address where the kernel is started"},
	{0},
};

static const struct command create = {
	"protvirt image create",
	"",
	"Make a Secure Execution image that only the named machines can decrypt and run.",
	create_options,
};

/* What was asked for, and what of it was loaded. Keys in here are wiped at the end. */
struct job {
	const char *host_keys[SE_HEADER_MAX_SLOTS];
	size_t num_host_keys;
	const char *certs[MAX_CERTS];
	size_t num_certs;
	const char *crls[MAX_CERTS];
	size_t num_crls;
	const char *kernel, *ramdisk, *parmfile, *output, *root_ca;
	const char *comm_key, *hdr_key, *image_key;
	bool no_verify, offline, enable_dump, no_encryption, overwrite, no_component_check;
	uint64_t pcf, scf, psw;

	struct se_image_params params;
	EVP_PKEY *keys[SE_HEADER_MAX_SLOTS];
	struct kernel_file kernel_file;
	struct file_data ramdisk_file, parm_file, out;
	uint8_t comm_bytes[SE_KEY_LEN], hdr_bytes[SE_KEY_LEN], image_bytes[SE_XTS_KEY_LEN];
	struct image_error err;
};

static bool append(const char **list, size_t *n, size_t max, const char *name, const char *value)
{
	if (*n < max) {
		list[(*n)++] = value;
		return true;
	}
	command_fail(&create, 2, "--%s given more than %zu times", name, max);
	return false;
}

static bool take_hex(const char *name, const char *value, uint64_t *out)
{
	if (parse_hex(value, out))
		return true;
	command_fail(&create, 2, "--%s %s: not a hexadecimal number of up to 64 bits", name, value);
	return false;
}

static bool take_list(struct job *j, int key, const char *value)
{
	switch (key) {
	case 'k':
		return append(j->host_keys, &j->num_host_keys, SE_HEADER_MAX_SLOTS,
			      "host-key-document", value);
	case 'C':
		return append(j->certs, &j->num_certs, MAX_CERTS, "cert", value);
	default:
		return append(j->crls, &j->num_crls, MAX_CERTS, "crl", value);
	}
}

static bool take_number(struct job *j, int key, const char *value)
{
	if (key == KEY_PCF)
		return take_hex("x-pcf", value, &j->pcf);
	if (key == KEY_SCF)
		return take_hex("x-scf", value, &j->scf);
	return take_hex("x-psw", value, &j->psw);
}

static const char **file_of(struct job *j, int key)
{
	switch (key) {
	case 'i':
		return &j->kernel;
	case 'r':
		return &j->ramdisk;
	case 'p':
		return &j->parmfile;
	case 'o':
		return &j->output;
	case KEY_ROOT_CA:
		return &j->root_ca;
	case KEY_COMM_KEY:
		return &j->comm_key;
	case KEY_HDR_KEY:
		return &j->hdr_key;
	case KEY_IMAGE_KEY:
		return &j->image_key;
	default:
		return NULL;
	}
}

static bool *flag_of(struct job *j, int key)
{
	switch (key) {
	case KEY_NO_VERIFY:
		return &j->no_verify;
	case KEY_OFFLINE:
		return &j->offline;
	case KEY_ENABLE_DUMP:
		return &j->enable_dump;
	case KEY_NO_ENCRYPTION:
		return &j->no_encryption;
	case KEY_OVERWRITE:
		return &j->overwrite;
	default:
		return &j->no_component_check;
	}
}

static bool take(void *arg, int key, const char *value)
{
	struct job *j = arg;

	if (key == 'k' || key == 'C' || key == KEY_CRL)
		return take_list(j, key, value);
	if (key == KEY_PCF || key == KEY_SCF || key == KEY_PSW)
		return take_number(j, key, value);
	if (value)
		*file_of(j, key) = value;
	else
		*flag_of(j, key) = true;
	return true;
}

static int check_options(struct job *j)
{
	if (!j->num_host_keys)
		return image_fail(&j->err, -EINVAL,
				  "--host-key-document (-k) is missing: at least one is needed");
	if (!j->kernel)
		return image_fail(&j->err, -EINVAL, "--image (-i) is missing: the kernel");
	if (!j->output)
		return image_fail(&j->err, -EINVAL, "--output (-o) is missing");
	if (j->enable_dump && !j->comm_key)
		return image_fail(&j->err, -EINVAL,
				  "--enable-dump needs --comm-key: dumps are encrypted with it");
	if (!j->no_verify && !j->num_certs)
		return image_fail(&j->err, -EINVAL,
				  "host-key documents are verified with --cert, or taken as they "
				  "are with --no-verify");
	if (!j->no_verify && !j->offline)
		return image_fail(&j->err, -EINVAL,
				  "revocation lists are not downloaded: use --offline and --crl");
	return 0;
}

static int verify_host_keys(struct job *j)
{
	struct verify_files files = {
		j->certs, j->num_certs, j->crls, j->num_crls, j->root_ca,
	};
	struct verifier *v;
	int rc = 0;

	if (j->no_verify)
		return 0;
	v = verifier_new(&files, &j->err);
	if (!v)
		return -EKEYREJECTED;
	for (size_t i = 0; !rc && i < j->num_host_keys; i++)
		rc = verifier_check(v, j->host_keys[i], &j->err);
	verifier_free(v);
	return rc;
}

static int load_host_keys(struct job *j)
{
	for (size_t i = 0; i < j->num_host_keys; i++) {
		j->keys[i] = seal_load_host_key_document(j->host_keys[i]);
		if (j->keys[i])
			continue;
		if (errno == EINVAL)
			return image_fail(&j->err, -EINVAL,
					  "%s: no host-key document (X.509, PEM or DER, with a "
					  "secp521r1 key)",
					  j->host_keys[i]);
		return image_fail(&j->err, -errno, "%s: %s", j->host_keys[i], strerror(errno));
	}
	j->params.host_keys = j->keys;
	j->params.num_host_keys = j->num_host_keys;
	return 0;
}

static int load_key(struct job *j, const char *path, uint8_t *to, size_t len, const uint8_t **out)
{
	if (!path)
		return 0;
	*out = to;
	return file_read_exact(path, to, len, &j->err);
}

static int load_secrets(struct job *j)
{
	struct se_image_params *p = &j->params;
	int rc = load_key(j, j->comm_key, j->comm_bytes, sizeof(j->comm_bytes), &p->cck);

	if (!rc)
		rc = load_key(j, j->hdr_key, j->hdr_bytes, sizeof(j->hdr_bytes), &p->hdr_key);
	if (!rc)
		rc = load_key(j, j->image_key, j->image_bytes, sizeof(j->image_bytes), &p->xts_key);
	return rc;
}

/* Parameters written into a kernel that has no place for them would hit its code. */
static int check_kernel(struct job *j)
{
	if (j->no_component_check || kernel_has_parameter_area(&j->kernel_file))
		return 0;
	if (j->kernel_file.from_elf && !j->parmfile && !j->ramdisk)
		return 0;
	return image_fail(&j->err, -EINVAL,
			  "%s: no \"S390EP\" at 0x10008, so not a kernel that takes parameters; "
			  "see --no-component-check",
			  j->kernel);
}

static int load_components(struct job *j)
{
	int rc = kernel_file_load(j->kernel, &j->kernel_file, &j->err);

	if (!rc)
		rc = check_kernel(j);
	if (!rc && j->ramdisk)
		rc = file_read(j->ramdisk, &j->ramdisk_file, &j->err);
	if (!rc && j->parmfile)
		rc = file_read(j->parmfile, &j->parm_file, &j->err);
	j->params.kernel = &j->kernel_file;
	j->params.ramdisk = j->ramdisk ? &j->ramdisk_file : NULL;
	j->params.cmdline = j->parmfile ? &j->parm_file : NULL;
	return rc;
}

static int run(struct job *j)
{
	int rc;

	if (!j->overwrite && !access(j->output, F_OK))
		return image_fail(&j->err, -EEXIST, "%s: exists already; see --overwrite",
				  j->output);
	rc = load_host_keys(j);
	if (!rc)
		rc = verify_host_keys(j);
	if (!rc)
		rc = load_secrets(j);
	if (!rc)
		rc = load_components(j);
	if (rc)
		return rc;
	j->params.pcf = j->pcf | (j->enable_dump ? SE_PCF_DUMP : 0) |
			(j->no_encryption ? SE_PCF_NO_DECRYPT : 0);
	j->params.scf = j->scf;
	j->params.start_addr = j->psw;
	rc = se_image_build(&j->params, &j->out, &j->err);
	if (rc)
		return rc;
	return file_write(j->output, j->out.bytes, j->out.len,
			  S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, j->overwrite, &j->err);
}

static void release(struct job *j)
{
	for (size_t i = 0; i < j->num_host_keys; i++)
		EVP_PKEY_free(j->keys[i]);
	kernel_file_free(&j->kernel_file);
	file_free(&j->ramdisk_file);
	file_free(&j->parm_file);
	file_free(&j->out);
	OPENSSL_cleanse(j, sizeof(*j));
}

int image_create_verb(int argc, char **argv)
{
	struct job j = {.pcf = SE_PCF_DEFAULT};
	int first, status = options_parse(&create, argc, argv, take, &j, &first);

	if (status >= 0)
		return status;
	if (first != argc)
		return command_fail(&create, 2, "'%s' is not an option; see --help", argv[first]);
	if (check_options(&j))
		return command_fail(&create, 2, "%s; see --help", j.err.text);
	status = run(&j) ? command_fail(&create, 1, "%s", j.err.text) : 0;
	release(&j);
	return status;
}
