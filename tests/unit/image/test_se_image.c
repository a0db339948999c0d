// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole images: layout, opening them with the machine's key, damage of every kind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/boot_loaders.h"
#include "image/image_info.h"
#include "image/ipib.h"
#include "image/se_image.h"

#define KERNEL_LEN  0x12345UL
#define RAMDISK_LEN 10000UL

static struct image_error err;
static EVP_PKEY *host;
static struct kernel_file kernel;
static struct file_data cmdline, ramdisk;
static uint8_t xts[SE_XTS_KEY_LEN];
static char first_problem[400];

static struct file_data pattern(size_t len, uint8_t seed)
{
	struct file_data f = {malloc(len), len};

	assert_non_null(f.bytes);
	for (size_t i = 0; i < len; i++)
		f.bytes[i] = (uint8_t)(i * 7 + (i >> 8) + seed);
	return f;
}

static int set_up(void **state)
{
	host = seal_generate_key();
	kernel.raw = pattern(KERNEL_LEN, 1);
	memset(kernel.raw.bytes + 0x10430, 0, 8);
	kernel.entry = KERNEL_ADDR;
	cmdline = pattern(38, 2);
	ramdisk = pattern(RAMDISK_LEN, 3);
	for (size_t i = 0; i < sizeof(xts); i++)
		xts[i] = (uint8_t)i;
	return host ? 0 : -1;
}

static int tear_down(void **state)
{
	EVP_PKEY_free(host);
	file_free(&kernel.raw);
	file_free(&cmdline);
	file_free(&ramdisk);
	return 0;
}

static struct se_image_params full_params(void)
{
	return (struct se_image_params){
		.kernel = &kernel,
		.cmdline = &cmdline,
		.ramdisk = &ramdisk,
		.host_keys = &host,
		.num_host_keys = 1,
		.xts_key = xts,
		.pcf = SE_PCF_DEFAULT,
	};
}

static struct file_data build(const struct se_image_params *p)
{
	struct file_data image;

	if (se_image_build(p, &image, &err))
		fail_msg("%s", err.text);
	return image;
}

static void note(void *arg, const char *line)
{
	if (!*first_problem)
		strncpy(first_problem, line, sizeof(first_problem) - 1);
}

/* All checks a machine and `image info` make together. */
static bool holds(const struct file_data *image)
{
	struct se_hdr_encrypted area;
	struct image_view v;
	uint8_t hdr_key[SE_KEY_LEN];

	memset(first_problem, 0, sizeof(first_problem));
	return !image_open(image, &v, &err) && !image_check(&v, note, NULL) && v.own_loader &&
	       !se_header_unwrap(v.hdr, host, hdr_key) && !se_header_decrypt(v.hdr, hdr_key, &area);
}

static void assert_component(const struct image_view *v, uint32_t i, unsigned int index,
			     uint64_t addr, uint64_t len)
{
	const struct pv_ipib_component *c = &v->ipib->components[i];

	assert_int_equal(be64_get(c->addr), addr);
	assert_int_equal(be64_get(c->len), len);
	assert_int_equal(be64_get(c->tweak_prefix) >> 48, index);
}

/* The published example: same sizes, same places. */
static void test_layout(void **state)
{
	struct se_image_params p = full_params();
	struct kernel_file small = {.raw = pattern(74568, 9), .entry = KERNEL_ADDR};
	EVP_PKEY *two[] = {host, host};
	struct file_data image;
	struct image_view v;
	be64_t psw;

	memset(small.raw.bytes + 0x10430, 0, 8);
	p.kernel = &small;
	p.host_keys = two;
	p.num_host_keys = 2;
	image = build(&p);
	assert_int_equal(image_open(&image, &v, &err), 0);
	memcpy(&psw, image.bytes, sizeof(psw));
	assert_int_equal(be64_get(psw), 0x0008000180011000);
	assert_int_equal(v.hdr_offset, 0x14000);
	assert_int_equal(be32_get(v.hdr->phs), 720);
	assert_int_equal(v.ipib_offset, 0x13000);
	assert_int_equal(be32_get(v.ipib->len), 4096);
	assert_int_equal(be32_get(v.ipib->blk0_len), 128 + 24 * 4);
	assert_int_equal(be64_get(v.ipib->pv_header_addr), 0);
	assert_int_equal(be64_get(v.ipib->pv_header_len), 720);
	assert_int_equal(be32_get(v.ipib->num_comp), 4);
	assert_component(&v, 0, 0, 0x15000, 0x13000);
	assert_component(&v, 1, 1, 0x28000, 0x1000);
	assert_component(&v, 2, 2, 0x29000, 0x3000);
	assert_component(&v, 3, 3, 0x2c000, 0x1000);
	assert_int_equal(be64_get(v.hdr->nep), 24);
	assert_int_equal(image.len, 0x2d000);
	file_free(&image);
	file_free(&small.raw);
}

static void assert_stage3b(const struct image_view *v)
{
	struct stage3b_arguments a;

	assert_int_equal(image_stage3b_arguments(v, xts, &a), 0);
	assert_int_equal(be64_get(a.kernel_addr), 0x15000);
	assert_int_equal(be64_get(a.kernel_size), KERNEL_LEN);
	assert_int_equal(be64_get(a.cmdline_size), 39);
	assert_int_equal(be64_get(a.ramdisk_size), RAMDISK_LEN);
	assert_int_equal(be64_get(a.psw_addr), KERNEL_ADDR);
}

/* Decrypts a component with the keys from the header, as the machine unpacks it. */
static void assert_content(const struct image_view *v, const uint8_t *key, uint32_t i,
			   const struct file_data *want)
{
	const struct pv_ipib_component *c = &v->ipib->components[i];
	struct seal_page *cipher = seal_page_new(key);
	uint8_t tweak[SE_TWEAK_LEN], page[SE_PAGE_SIZE];

	assert_non_null(cipher);
	for (uint64_t at = 0; at < be64_get(c->len); at += SE_PAGE_SIZE) {
		const uint8_t *from = v->file->bytes + be64_get(c->addr) + at;
		size_t n = at + SE_PAGE_SIZE <= want->len ? SE_PAGE_SIZE : want->len - at;

		se_tweak(c->tweak_prefix, at, tweak);
		seal_page_decrypt(cipher, tweak, from, page);
		assert_memory_equal(page, want->bytes + at, n);
		assert_memory_not_equal(page, from, SE_PAGE_SIZE);
		for (; n < SE_PAGE_SIZE; n++)
			assert_int_equal(page[n], 0);
	}
	seal_page_free(cipher);
}

static void test_open_as_machine(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image = build(&p);
	struct se_hdr_encrypted area;
	struct image_view v;
	uint8_t hdr_key[SE_KEY_LEN];

	assert_true(holds(&image));
	assert_int_equal(image_open(&image, &v, &err), 0);
	assert_int_equal(se_header_unwrap(v.hdr, host, hdr_key), 0);
	assert_int_equal(se_header_decrypt(v.hdr, hdr_key, &area), 0);
	assert_int_equal(be64_get(area.psw_mask), SE_PSW_MASK_64BIT);
	assert_int_equal(be64_get(area.psw_addr), be64_get(v.ipib->components[3].addr));
	assert_content(&v, area.xts, 0, &kernel.raw);
	assert_content(&v, area.xts, 2, &ramdisk);
	assert_stage3b(&v);
	file_free(&image);
}

static void test_random_keys(void **state)
{
	struct se_image_params p = full_params();
	struct file_data a, b;
	struct image_view va, vb;

	p.xts_key = NULL;
	a = build(&p);
	b = build(&p);
	assert_true(holds(&a));
	assert_true(holds(&b));
	assert_int_equal(image_open(&a, &va, &err), 0);
	assert_int_equal(image_open(&b, &vb, &err), 0);
	assert_memory_not_equal(va.hdr->iv, vb.hdr->iv, sizeof(va.hdr->iv));
	assert_memory_not_equal(va.hdr->cust_pub_key, vb.hdr->cust_pub_key, 160);
	assert_memory_not_equal(va.hdr->pld, vb.hdr->pld, sizeof(va.hdr->pld));
	assert_memory_not_equal(va.hdr->tld, vb.hdr->tld, sizeof(va.hdr->tld));
	assert_int_equal(image_stage3b_arguments(&va, xts, &(struct stage3b_arguments){0}),
			 -ENOENT);
	file_free(&a);
	file_free(&b);
}

/* A missing component leaves its tweak index unused. */
static void test_kernel_only(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image;
	struct image_view v;

	p.cmdline = NULL;
	p.ramdisk = NULL;
	image = build(&p);
	assert_true(holds(&image));
	assert_int_equal(image_open(&image, &v, &err), 0);
	assert_int_equal(be32_get(v.ipib->num_comp), 2);
	assert_component(&v, 0, SE_KERNEL, 0x15000, 0x13000);
	assert_component(&v, 1, SE_STAGE3B, 0x28000, 0x1000);
	file_free(&image);
}

static void test_empty_ramdisk_takes_a_page(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image, empty = {malloc(1), 0};
	struct image_view v;

	p.ramdisk = &empty;
	image = build(&p);
	assert_true(holds(&image));
	assert_int_equal(image_open(&image, &v, &err), 0);
	assert_component(&v, 2, SE_RAMDISK, 0x29000, 0x1000);
	file_free(&image);
	file_free(&empty);
}

static void test_not_encrypted(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image;
	struct image_view v;

	p.pcf |= SE_PCF_NO_DECRYPT;
	image = build(&p);
	assert_true(holds(&image));
	assert_int_equal(image_open(&image, &v, &err), 0);
	assert_memory_equal(image.bytes + 0x15000, kernel.raw.bytes, kernel.raw.len);
	assert_stage3b(&v);
	file_free(&image);
}

static void assert_flip_is_seen(struct file_data *image, size_t at)
{
	for (unsigned int bit = 0; bit < 8; bit += 7) {
		image->bytes[at] ^= (uint8_t)(1U << bit);
		if (holds(image))
			fail_msg("bit %u of byte 0x%zx may change unseen", bit, at);
		image->bytes[at] ^= (uint8_t)(1U << bit);
	}
}

static void test_flips_in_every_region(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image = build(&p);
	size_t ipib = 0x13000, used = pv_ipib_size(4);

	for (size_t at = 0; at < 8; at++)
		assert_flip_is_seen(&image, at);
	for (size_t at = STAGE3A_ADDR; at < STAGE3A_ADDR + stage3a_bin_len; at += 61)
		assert_flip_is_seen(&image, at);
	for (size_t at = STAGE3A_ADDR + stage3a_bin_len - 24; at < ipib; at++)
		assert_flip_is_seen(&image, at);
	for (size_t at = 0x88; at < used; at++)
		assert_flip_is_seen(&image, ipib + at);
	for (size_t at = 0; at < 640; at += 13)
		assert_flip_is_seen(&image, 0x14000 + at);
	for (size_t at = 0x15000; at < image.len; at += 0x777)
		assert_flip_is_seen(&image, at);
	assert_true(holds(&image));
	file_free(&image);
}

static void test_cut_off(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image = build(&p);
	size_t whole = image.len;

	for (size_t len = 0; len < whole; len += len < 0x15000 ? 0x3f8 : 0x2ff8) {
		/* an exact copy, so that a read behind the end is an error of the test too */
		struct file_data part = {malloc(len ? len : 1), len};

		memcpy(part.bytes, image.bytes, len);
		assert_false(holds(&part));
		file_free(&part);
	}
	image.len = whole - 1;
	assert_false(holds(&image));
	assert_non_null(strstr(first_problem, "the file ends at"));
	image.len = whole;
	file_free(&image);
}

static struct pv_ipib *ipib_of(struct file_data *image)
{
	return (struct pv_ipib *)(image->bytes + 0x13000);
}

static void assert_problem(struct file_data *image, const char *text)
{
	assert_false(holds(image));
	if (!strstr(first_problem, text))
		fail_msg("'%s' does not say '%s'", first_problem, text);
	file_free(image);
}

static void test_components_are_checked(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image = build(&p);

	ipib_of(&image)->components[1].addr = be64_make(0x27000);
	assert_problem(&image, "components 0 and 1 overlap");
	image = build(&p);
	ipib_of(&image)->components[1].tweak_prefix = be64_make(0);
	assert_problem(&image, "component 1: tweak prefix");
	image = build(&p);
	ipib_of(&image)->num_comp = be32_make(3);
	assert_problem(&image, "the header says 24");
	image = build(&p);
	ipib_of(&image)->components[3].len = be64_make(1UL << 62);
	assert_problem(&image, "component 3: 0x4000000000000000 bytes");
	image = build(&p);
	ipib_of(&image)->pv_header_addr = be64_make(0x14008);
	assert_problem(&image, "header address 0x14008");
	image = build(&p);
	ipib_of(&image)->pv_header_len = be64_make(720);
	assert_problem(&image, "header length 720, the header says 640");
}

static void test_swapped_components(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image = build(&p);
	struct pv_ipib *ipib = ipib_of(&image);
	be64_t addr = ipib->components[1].addr;

	/* contents, tweaks and number of pages stay, only the places change */
	ipib->components[1].addr = be64_make(be64_get(addr) + 0x100000);
	image.bytes = realloc(image.bytes, 0x200000);
	memset(image.bytes + image.len, 0, 0x200000 - image.len);
	image.len = 0x200000;
	memcpy(image.bytes + be64_get(addr) + 0x100000, image.bytes + be64_get(addr), 0x1000);
	assert_problem(&image, "address list digest differs");
}

static void assert_refused(const struct se_image_params *p, const char *text)
{
	struct file_data image;

	assert_int_equal(se_image_build(p, &image, &err), -EINVAL);
	assert_null(image.bytes);
	if (!strstr(err.text, text))
		fail_msg("'%s' does not say '%s'", err.text, text);
}

static void test_bad_parameters(void **state)
{
	struct kernel_file tiny = {.raw = pattern(KERNEL_ADDR, 0)};
	struct file_data long_line = pattern(896, 0);
	uint8_t equal[SE_XTS_KEY_LEN] = {0};
	struct se_image_params p = full_params();

	p.num_host_keys = 0;
	assert_refused(&p, "0 host keys");
	p.num_host_keys = SE_HEADER_MAX_SLOTS + 1;
	assert_refused(&p, "96 host keys, valid is 1 to 95");
	p = full_params();
	p.kernel = &tiny;
	assert_refused(&p, "kernel of 65536 bytes");
	p = full_params();
	p.cmdline = &long_line;
	assert_refused(&p, "takes up to 895");
	p = full_params();
	p.xts_key = equal;
	assert_refused(&p, "halves must differ");
	p = full_params();
	p.pcf = 1;
	assert_refused(&p, "control flags");
	p = full_params();
	p.scf = 1;
	assert_refused(&p, "control flags");
	file_free(&tiny.raw);
	file_free(&long_line);
}

static void test_kernel_states_its_command_line_limit(void **state)
{
	struct file_data long_line = pattern(4095, 0), image;
	struct se_image_params p = full_params();

	kernel.raw.bytes[0x10436] = 0x10; /* 4096 */
	p.cmdline = &long_line;
	image = build(&p);
	assert_true(holds(&image));
	kernel.raw.bytes[0x10436] = 0;
	file_free(&image);
	file_free(&long_line);
}

static void test_bare_header(void **state)
{
	struct se_image_params p = full_params();
	struct file_data image = build(&p), bare = {malloc(640), 640};
	struct image_view v;

	memcpy(bare.bytes, image.bytes + 0x14000, 640);
	assert_int_equal(image_open(&bare, &v, &err), 0);
	assert_int_equal(v.hdr_offset, 0);
	assert_null(v.ipib);
	assert_int_equal(image_check(&v, note, NULL), 0);
	bare.len = 639;
	assert_int_equal(image_open(&bare, &v, &err), -EINVAL);
	file_free(&bare);
	file_free(&image);
}

/* As the newer tool lays it out: metadata, exact IPL block behind the components. */
static void test_metadata_layout(void **state)
{
	static const uint8_t magic[] = "SeImgLnx\0\0\0\0\0\1\x40\0\0\0\0\1\0\0\0\0\0";
	struct se_image_params p = full_params();
	struct file_data image = build(&p);
	struct image_view v;
	be64_t offset = be64_make(image.len);
	struct pv_ipib *ipib;

	image.bytes = realloc(image.bytes, image.len + 0x1000);
	memset(image.bytes + image.len, 0, 0x1000);
	memcpy(image.bytes + 0xc000, magic, 20);
	memcpy(image.bytes + 0xc000 + 20, &offset, 8);
	ipib = (struct pv_ipib *)(image.bytes + image.len);
	memcpy(ipib, image.bytes + 0x13000, pv_ipib_size(4));
	memset(image.bytes + 0x13000, 0, 0x1000);
	ipib->len = be32_make((uint32_t)pv_ipib_size(4));
	ipib->pv_header_addr = be64_make(0x14000);
	image.len += pv_ipib_size(4);
	assert_int_equal(image_open(&image, &v, &err), 0);
	assert_int_equal(v.ipib_offset, be64_get(offset));
	assert_true(holds(&image));
	image.len--;
	assert_false(holds(&image));
	file_free(&image);
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void assert_view_in_file(const struct file_data *f)
{
	struct stage3b_arguments args;
	struct image_view v;

	if (image_open(f, &v, &err))
		return;
	assert_true(v.hdr_offset + be32_get(v.hdr->phs) <= f->len);
	assert_true(!v.ipib || v.ipib_offset + sizeof(*v.ipib) <= f->len);
	if (image_check(&v, note, NULL) || !v.ipib)
		return;
	for (uint32_t i = 0; i < be32_get(v.ipib->num_comp); i++)
		assert_true(be64_get(v.ipib->components[i].addr) < f->len);
	image_stage3b_arguments(&v, xts, &args);
}

/* Wild values in all the fields a reader follows; the sanitizers watch where it goes. */
static void test_random_damage(void **state)
{
	static const size_t fields[] = {0xc008,  0xc014,  0x12fe8, 0x12ff0, 0x12ff8, 0x13000,
					0x13074, 0x13078, 0x13080, 0x13088, 0x13090, 0x13098,
					0x130a8, 0x130b0, 0x1400c, 0x14020, 0x14028, 0x14038};
	static const uint64_t values[] = {0, 1, 7, 0xfff, 0x7fffffff, UINT64_MAX, 1UL << 63};
	const char *given = getenv("SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 0x5eed, x = seed;
	struct se_image_params p = full_params();
	struct file_data image = build(&p), damaged = {malloc(image.len), image.len};

	print_message("# seed 0x%lx\n", seed);
	for (unsigned int round = 0; round < 3000; round++) {
		memcpy(damaged.bytes, image.bytes, image.len);
		if (next_random(&x) % 2)
			memcpy(damaged.bytes + 0xc000, "SeImgLnx\0\0\0\0\0\1\x40\0\0\0\0\1", 20);
		for (unsigned int i = 0; i <= round % 3; i++) {
			uint64_t value =
				values[next_random(&x) % 7] + next_random(&x) % 2 * 0x15000;
			be64_t field = be64_make(next_random(&x) % 4 ? value : next_random(&x));

			memcpy(damaged.bytes + fields[next_random(&x) % 18], &field, 8);
		}
		if (!(next_random(&x) % 4))
			damaged.len = next_random(&x) % image.len;
		damaged.bytes = realloc(damaged.bytes, damaged.len + 1);
		assert_view_in_file(&damaged);
		damaged.len = image.len;
		damaged.bytes = realloc(damaged.bytes, image.len);
	}
	file_free(&damaged);
	file_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_open_as_machine),
		cmocka_unit_test(test_random_keys),
		cmocka_unit_test(test_kernel_only),
		cmocka_unit_test(test_empty_ramdisk_takes_a_page),
		cmocka_unit_test(test_not_encrypted),
		cmocka_unit_test(test_flips_in_every_region),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_components_are_checked),
		cmocka_unit_test(test_swapped_components),
		cmocka_unit_test(test_bad_parameters),
		cmocka_unit_test(test_kernel_states_its_command_line_limit),
		cmocka_unit_test(test_bare_header),
		cmocka_unit_test(test_metadata_layout),
		cmocka_unit_test(test_random_damage),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
