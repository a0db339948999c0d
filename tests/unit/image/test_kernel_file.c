// SPDX-License-Identifier: GPL-2.0-or-later
/* ELF kernels become raw images; files that are neither are refused in words. */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "image/kernel_file.h"

#define CODE_LEN 100UL

static struct image_error err;
static char path[] = "/tmp/protvirt-kernel-XXXXXX";

/* An executable of two segments: code at 0x10000, and data with a zeroed tail. */
struct elf {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[2];
	uint8_t code[CODE_LEN];
	uint8_t data[8];
};

static Elf64_Phdr load_segment(size_t offset, uint64_t addr, uint64_t filesz, uint64_t memsz)
{
	return (Elf64_Phdr){
		.p_type = htobe32(PT_LOAD),
		.p_offset = htobe64(offset),
		.p_vaddr = htobe64(0xffffffff),
		.p_paddr = htobe64(addr),
		.p_filesz = htobe64(filesz),
		.p_memsz = htobe64(memsz),
	};
}

static struct elf good_elf(void)
{
	struct elf e = {
		.ehdr =
			{
				.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2MSB,
					    EV_CURRENT},
				.e_type = htobe16(ET_EXEC),
				.e_machine = htobe16(EM_S390),
				.e_entry = htobe64(0x10010),
				.e_phoff = htobe64(offsetof(struct elf, phdr)),
				.e_phentsize = htobe16(sizeof(Elf64_Phdr)),
				.e_phnum = htobe16(2),
			},
		.phdr =
			{
				load_segment(offsetof(struct elf, code), 0x10000, CODE_LEN,
					     CODE_LEN),
				load_segment(offsetof(struct elf, data), 0x11000, 8, 0x100),
			},
	};

	memset(e.code, 0xc0, sizeof(e.code));
	memset(e.data, 0xda, sizeof(e.data));
	return e;
}

static void write_bytes(const void *bytes, size_t len)
{
	assert_int_equal(file_write(path, bytes, len, 0600, true, &err), 0);
}

static void assert_refused(const void *bytes, size_t len, const char *text)
{
	struct kernel_file k;

	write_bytes(bytes, len);
	assert_true(kernel_file_load(path, &k, &err) < 0);
	if (!strstr(err.text, text) || !strstr(err.text, path))
		fail_msg("'%s' does not say '%s'", err.text, text);
	kernel_file_free(&k);
}

static void test_elf(void **state)
{
	struct elf e = good_elf();
	struct kernel_file k;

	write_bytes(&e, sizeof(e));
	assert_int_equal(kernel_file_load(path, &k, &err), 0);
	assert_int_equal(k.raw.len, 0x11100);
	assert_int_equal(k.entry, 0x10010);
	assert_true(k.from_elf);
	assert_memory_equal(k.raw.bytes + 0x10000, e.code, sizeof(e.code));
	assert_memory_equal(k.raw.bytes + 0x11000, e.data, sizeof(e.data));
	for (size_t i = 0; i < 0x10000; i++)
		assert_int_equal(k.raw.bytes[i], 0);
	assert_int_equal(k.raw.bytes[0x110ff], 0);
	assert_int_equal(kernel_cmdline_max(&k), 896);
	assert_false(kernel_has_parameter_area(&k));
	kernel_file_free(&k);
}

static void test_bad_elf(void **state)
{
	struct elf e = good_elf();

	e.ehdr.e_machine = htobe16(EM_X86_64);
	assert_refused(&e, sizeof(e), "not an s390x executable");
	e = good_elf();
	e.ehdr.e_type = htobe16(ET_DYN);
	assert_refused(&e, sizeof(e), "not an s390x executable");
	e = good_elf();
	assert_refused(&e, 20, "not an s390x executable");
	e.ehdr.e_phoff = htobe64(UINT64_MAX);
	assert_refused(&e, sizeof(e), "program headers are cut off");
	e = good_elf();
	e.ehdr.e_phnum = htobe16(0);
	assert_refused(&e, sizeof(e), "without a segment");
	e = good_elf();
	e.phdr[0].p_paddr = htobe64(0xf000);
	assert_refused(&e, sizeof(e), "segment at 0xf000, kernels are linked at 0x10000 or above");
	e = good_elf();
	e.phdr[1].p_memsz = htobe64(UINT64_MAX);
	assert_refused(&e, sizeof(e), "ends above 1024 MiB");
	e = good_elf();
	e.phdr[1].p_paddr = htobe64(UINT64_MAX - 10);
	assert_refused(&e, sizeof(e), "ends above 1024 MiB");
	e = good_elf();
	e.phdr[1].p_filesz = htobe64(0x80);
	assert_refused(&e, sizeof(e), "segment at 0x11000 is cut off");
	e = good_elf();
	e.phdr[1].p_filesz = htobe64(0x200);
	assert_refused(&e, sizeof(e), "segment at 0x11000 is cut off");
	e = good_elf();
	e.ehdr.e_entry = htobe64(0x20000);
	assert_refused(&e, sizeof(e), "entry point 0x20000");
}

static void test_raw(void **state)
{
	uint8_t *raw = calloc(1, 0x11000);
	struct kernel_file k;

	memcpy(raw + 0x10008, "S390EP", 6);
	raw[0x10436] = 0x10;
	write_bytes(raw, 0x11000);
	assert_int_equal(kernel_file_load(path, &k, &err), 0);
	assert_int_equal(k.raw.len, 0x11000);
	assert_int_equal(k.entry, KERNEL_ADDR);
	assert_false(k.from_elf);
	assert_true(kernel_has_parameter_area(&k));
	assert_int_equal(kernel_cmdline_max(&k), 4096);
	kernel_file_free(&k);
	assert_refused(raw, 0x10000, "65536 bytes, a raw kernel has more");
	assert_refused(raw, 0, "0 bytes");
	free(raw);
}

static void test_files(void **state)
{
	struct kernel_file k;
	char dir[] = "/tmp";

	unlink(path);
	assert_int_equal(kernel_file_load(path, &k, &err), -ENOENT);
	assert_int_equal(kernel_file_load(dir, &k, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_int_equal(file_write(path, "a", 1, 0600, false, &err), 0);
	assert_int_equal(file_write(path, "b", 1, 0600, false, &err), -EEXIST);
	assert_int_equal(file_write("/no/such/dir/file", "b", 1, 0600, true, &err), -ENOENT);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_bad_elf),
		cmocka_unit_test(test_raw),
		cmocka_unit_test(test_files),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 1;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
