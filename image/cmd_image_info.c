// SPDX-License-Identifier: GPL-2.0-or-later
/* protvirt image info: show what an image says, and whether it holds together. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "image/cmd_image.h"
#include "image/image_info.h"
#include "image/options.h"
#include "image/se_header.h"
#include "image/se_image.h"

enum {
	KEY_HDR_KEY = OPTION_LONG,
	KEY_IMAGE_KEY,
	KEY_HOST_PRIVATE_KEY,
};

static const struct option_row info_options[] = {
	{'k', "host-key-document", "FILE", "check that this machine can run the image"},
	{KEY_HOST_PRIVATE_KEY, "host-private-key", "FILE", "open the image as this machine does"},
	{KEY_HDR_KEY, "hdr-key", "FILE", "header protection key: show the encrypted part"},
	{KEY_HDR_KEY, "x-header-key", "FILE", NULL},
	{KEY_IMAGE_KEY, "image-key", "FILE", "image encryption key: show stage3b's arguments"},
	{KEY_IMAGE_KEY, "x-comp-key", "FILE", NULL},
	{0},
};

static const struct command info = {
	"protvirt image info",
	"FILE",
	"Show the SE header of an image, or of a header alone, and check all that can be\n"
	"checked. Ends with \"valid\" and status 0, or says what is wrong and ends with 1.",
	info_options,
};

struct job {
	const char *host_key, *host_private_key, *hdr_key, *image_key;
	struct file_data file;
	struct image_view view;
	bool have_area, have_xts;
	struct se_hdr_encrypted area;
	uint8_t xts[SE_XTS_KEY_LEN];
	unsigned int problems;
	struct image_error err;
};

static bool take(void *arg, int key, const char *value)
{
	struct job *j = arg;

	if (key == 'k')
		j->host_key = value;
	else if (key == KEY_HOST_PRIVATE_KEY)
		j->host_private_key = value;
	else if (key == KEY_HDR_KEY)
		j->hdr_key = value;
	else
		j->image_key = value;
	return true;
}

static void print_bytes(const char *name, const uint8_t *bytes, size_t len)
{
	printf("%-24s", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static void print_flags(const char *name, uint64_t flags, const char *const *texts,
			const uint64_t *bits)
{
	printf("%-24s0x%" PRIx64, name, flags);
	for (; *texts; texts++, bits++) {
		if (flags & *bits)
			printf(", %s", *texts);
	}
	putchar('\n');
}

static void print_header(const struct image_view *v)
{
	static const char *const texts[] = {"dump allowed", "components not encrypted", NULL};
	static const uint64_t bits[] = {SE_PCF_DUMP, SE_PCF_NO_DECRYPT};
	const struct se_hdr_fixed *hdr = v->hdr;
	const struct se_key_slot *slots = se_header_slots(hdr);

	printf("%-24s0x%zx\n", "header at", v->hdr_offset);
	printf("%-24s0x%x\n", "header version", be32_get(hdr->version));
	printf("%-24s%u\n", "header size", be32_get(hdr->phs));
	printf("%-24s%" PRIu64 "\n", "encrypted pages", be64_get(hdr->nep));
	print_flags("plaintext control flags", be64_get(hdr->pcf), texts, bits);
	print_bytes("page list digest", hdr->pld, sizeof(hdr->pld));
	print_bytes("address list digest", hdr->ald, sizeof(hdr->ald));
	print_bytes("tweak list digest", hdr->tld, sizeof(hdr->tld));
	for (uint64_t i = 0; i < be64_get(hdr->nks); i++)
		print_bytes("key slot for host key", slots[i].phkh, sizeof(slots[i].phkh));
	print_bytes("header tag", se_header_tag(hdr), SE_TAG_LEN);
}

static void print_components(const struct image_view *v)
{
	if (!v->ipib)
		return;
	printf("%-24s0x%zx\n", "IPL block at", v->ipib_offset);
	printf("%-24s%s\n", "clear loader", v->own_loader ? "as made by this version" : "other");
	for (uint32_t i = 0; i < be32_get(v->ipib->num_comp); i++) {
		const struct pv_ipib_component *c = &v->ipib->components[i];

		printf("%-24s0x%" PRIx64 ", 0x%" PRIx64 " bytes, tweak prefix %016" PRIx64 "\n",
		       "component", be64_get(c->addr), be64_get(c->len), be64_get(c->tweak_prefix));
	}
}

/* The keys themselves stay where they are: whoever wants them has the header key. */
static void print_area(const struct se_hdr_encrypted *area)
{
	static const char *const texts[] = {"extension secret needed", "CCK update allowed", NULL};
	static const uint64_t bits[] = {SE_SCF_EXT_SECRET, SE_SCF_CCK_UPDATE};

	printf("%-24s0x%" PRIx64 " / 0x%" PRIx64 "\n", "start PSW", be64_get(area->psw_mask),
	       be64_get(area->psw_addr));
	print_flags("secret control flags", be64_get(area->scf), texts, bits);
}

static void print_part(const char *name, be64_t addr, be64_t size)
{
	if (be64_get(size))
		printf("%-24s0x%" PRIx64 ", %" PRIu64 " bytes\n", name, be64_get(addr),
		       be64_get(size));
}

static void print_stage3b(const struct stage3b_arguments *a)
{
	print_part("kernel", a->kernel_addr, a->kernel_size);
	print_part("command line", a->cmdline_addr, a->cmdline_size);
	print_part("ramdisk", a->ramdisk_addr, a->ramdisk_size);
	printf("%-24s0x%" PRIx64 " / 0x%" PRIx64 "\n", "kernel PSW", be64_get(a->psw_mask),
	       be64_get(a->psw_addr));
}

static void report(void *arg, const char *line)
{
	struct job *j = arg;

	/* Before the first problem, so that both streams in one terminal read in order. */
	fflush(stdout);
	j->problems++;
	command_fail(&info, 1, "%s", line);
}

static void check_host_key(struct job *j)
{
	EVP_PKEY *key = seal_load_host_key_document(j->host_key);
	uint8_t phkh[SE_HASH_LEN];

	if (!key) {
		image_fail(&j->err, -errno, "%s: %s", j->host_key,
			   errno == EINVAL ? "no host-key document" : strerror(errno));
		report(j, j->err.text);
		return;
	}
	if (seal_key_hash(key, phkh) || !se_header_find_slot(j->view.hdr, phkh)) {
		image_fail(&j->err, -ENOKEY,
			   "no key slot fits %s: that machine cannot run the image", j->host_key);
		report(j, j->err.text);
	}
	EVP_PKEY_free(key);
}

static void open_area(struct job *j, const uint8_t *hdr_key, const char *source)
{
	if (!se_header_decrypt(j->view.hdr, hdr_key, &j->area)) {
		j->have_area = true;
		j->have_xts = true;
		memcpy(j->xts, j->area.xts, sizeof(j->xts));
		return;
	}
	image_fail(&j->err, -EBADMSG, "%s does not open the header: wrong key, or it was changed",
		   source);
	report(j, j->err.text);
}

static void open_as_machine(struct job *j)
{
	EVP_PKEY *key = seal_load_private_key(j->host_private_key);
	uint8_t hdr_key[SE_KEY_LEN];
	const char *why = NULL;

	if (!key)
		why = errno == EINVAL ? "no secp521r1 private key (PEM)" : strerror(errno);
	else if (se_header_unwrap(j->view.hdr, key, hdr_key))
		why = "no key slot that this machine can open";
	if (why) {
		image_fail(&j->err, -EINVAL, "%s: %s", j->host_private_key, why);
		report(j, j->err.text);
	} else {
		open_area(j, hdr_key, j->host_private_key);
	}
	OPENSSL_cleanse(hdr_key, sizeof(hdr_key));
	EVP_PKEY_free(key);
}

static void open_with_header_key(struct job *j)
{
	uint8_t hdr_key[SE_KEY_LEN];

	if (file_read_exact(j->hdr_key, hdr_key, sizeof(hdr_key), &j->err))
		report(j, j->err.text);
	else
		open_area(j, hdr_key, j->hdr_key);
	OPENSSL_cleanse(hdr_key, sizeof(hdr_key));
}

static void use_image_key(struct job *j)
{
	if (file_read_exact(j->image_key, j->xts, sizeof(j->xts), &j->err)) {
		report(j, j->err.text);
	} else if (j->have_area && CRYPTO_memcmp(j->xts, j->area.xts, sizeof(j->xts))) {
		image_fail(&j->err, -EINVAL, "%s: not the image key in the header", j->image_key);
		report(j, j->err.text);
	} else {
		j->have_xts = true;
	}
}

static void show_stage3b(struct job *j, bool layout_ok)
{
	struct stage3b_arguments args;

	if (!j->have_xts || !j->view.ipib || !layout_ok)
		return;
	if (!image_stage3b_arguments(&j->view, j->xts, &args)) {
		print_stage3b(&args);
	} else if (j->image_key) {
		image_fail(&j->err, -EINVAL, "%s does not decrypt stage3b", j->image_key);
		report(j, j->err.text);
	}
}

static void show(struct job *j)
{
	bool layout_ok;

	print_header(&j->view);
	layout_ok = !image_check(&j->view, report, j);
	if (layout_ok)
		print_components(&j->view);
	if (j->host_key)
		check_host_key(j);
	if (j->host_private_key)
		open_as_machine(j);
	if (j->hdr_key)
		open_with_header_key(j);
	if (j->image_key)
		use_image_key(j);
	if (j->have_area)
		print_area(&j->area);
	show_stage3b(j, layout_ok);
}

int image_info_verb(int argc, char **argv)
{
	struct job j = {0};
	int first, status = options_parse(&info, argc, argv, take, &j, &first);

	if (status >= 0)
		return status;
	if (argc - first != 1)
		return command_fail(&info, 2, "one image is needed; see --help");
	if (file_read(argv[first], &j.file, &j.err))
		return command_fail(&info, 1, "%s", j.err.text);
	if (image_open(&j.file, &j.view, &j.err)) {
		status = command_fail(&info, 1, "%s: %s", argv[first], j.err.text);
	} else {
		show(&j);
		puts(j.problems ? "not valid" : "valid");
		status = j.problems != 0;
	}
	file_free(&j.file);
	OPENSSL_cleanse(&j, sizeof(j));
	return status;
}
