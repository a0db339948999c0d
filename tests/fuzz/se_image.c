/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Image files: finding header and IPL block, and every check without a key.
 *
 * An input's first byte says what the rest is. 0: the file. Otherwise a list of
 * changes to an image that was built here: offset (3 bytes), number of bytes, the
 * bytes. An offset from 0xf00000 on cuts the file to what follows it.
 */
#include "tests/fuzz/fuzz.h"

#include "image/boot_loaders.h"
#include "image/image_info.h"
#include "image/se_image.h"

#define KERNEL_LEN 0x11000UL
#define CUT_FROM   0xf00000U

static struct file_data base;
static uint8_t xts[SE_XTS_KEY_LEN];

static void build_base(void)
{
	struct kernel_file kernel = {.raw = {calloc(1, KERNEL_LEN), KERNEL_LEN},
				     .entry = KERNEL_ADDR};
	uint8_t parameters[] = "fuzz=1", hdr_key[SE_KEY_LEN] = {0x32}, cck[32] = {0x31};
	struct file_data cmdline = {parameters, sizeof(parameters) - 1};
	EVP_PKEY *host = seal_generate_key();
	struct se_image_params params = {
		.kernel = &kernel,
		.cmdline = &cmdline,
		.host_keys = &host,
		.num_host_keys = 1,
		.hdr_key = hdr_key,
		.xts_key = xts,
		.cck = cck,
		.pcf = SE_PCF_DEFAULT,
	};
	struct image_error err = {0};

	for (size_t i = 0; i < sizeof(xts); i++)
		xts[i] = (uint8_t)i;
	fuzz_must(kernel.raw.bytes && host);
	fuzz_must(!se_image_build(&params, &base, &err));
	free(kernel.raw.bytes);
	EVP_PKEY_free(host);
}

static void change(struct file_data *f, struct fuzz_input *in)
{
	while (in->left) {
		size_t at = (size_t)fuzz_number(in, 3);
		size_t n = at >= CUT_FROM ? 0 : fuzz_u8(in);
		uint8_t bytes[256];

		fuzz_bytes(in, bytes, n);
		if (at >= CUT_FROM && at - CUT_FROM < f->len)
			f->len = at - CUT_FROM;
		else if (n && at < f->len)
			memcpy(f->bytes + at, bytes, n < f->len - at ? n : f->len - at);
	}
}

static void count(void *arg, const char *line)
{
	unsigned int *problems = arg;

	fuzz_must(line[0]);
	++*problems;
}

static void look(const struct file_data *f)
{
	struct stage3b_arguments arguments;
	struct image_error err = {0};
	unsigned int told = 0, found;
	struct image_view view;

	if (image_open(f, &view, &err)) {
		fuzz_must(err.text[0]);
		return;
	}
	found = image_check(&view, count, &told);
	fuzz_must(found == told);
	if (!found && view.ipib)
		(void)image_stage3b_arguments(&view, xts, &arguments);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	bool whole = !fuzz_u8(&in);
	struct file_data f = {0};

	if (!whole && !base.bytes)
		build_base();
	f.len = whole ? in.left : base.len;
	if (!f.len)
		return 0;
	f.bytes = malloc(f.len);
	fuzz_must(f.bytes);
	if (whole) {
		fuzz_bytes(&in, f.bytes, f.len);
	} else {
		memcpy(f.bytes, base.bytes, base.len);
		change(&f, &in);
		/* The end must be the end of the allocation, so that reading on is found. */
		f.bytes = realloc(f.bytes, f.len ? f.len : 1);
		fuzz_must(f.bytes);
	}
	look(&f);
	free(f.bytes);
	return 0;
}
