// SPDX-License-Identifier: GPL-2.0-or-later
/* Loading: where kernel, parameters and ramdisk lie, and where the CPU starts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/vmm/vm_world.h"
#include "vmm/ipl.h"

#define MIB      (1UL << 20)
#define KERNEL   0x10000UL
#define FIELDS   0x10408UL
#define COMMAND  0x10480UL
#define SMALLEST 0x12000UL

/* A file of zeros that ends in @last, with "S390EP" if @area. Return: its name */
static const char *make_file(char name[24], size_t len, uint8_t last, bool area)
{
	uint8_t *bytes = calloc(1, len);
	int fd;

	strcpy(name, "/tmp/ipl-XXXXXX");
	fd = mkstemp(name);
	assert_true(bytes && fd >= 0);
	if (area)
		memcpy(bytes + 0x10008, "S390EP", 6);
	bytes[len - 1] = last;
	assert_int_equal(len, write(fd, bytes, len));
	close(fd);
	free(bytes);
	return name;
}

static void read_image(struct boot_image *image, size_t kernel_len, size_t initrd_len)
{
	char kernel[24], initrd[24];
	struct image_error err;

	make_file(kernel, kernel_len, 0x11, true);
	make_file(initrd, initrd_len, 0x22, false);
	assert_int_equal(0, boot_image_read(kernel, "one two", initrd, image, &err));
	unlink(kernel);
	unlink(initrd);
}

/* At 8 MiB, or behind the kernel with a gap of 1 MiB at least */
static void test_place_of_ramdisk(void **state)
{
	static const struct {
		size_t kernel;
		uint64_t initrd;
	} rows[] = {
		{SMALLEST, 8 * MIB},
		{7 * MIB, 8 * MIB},
		{7 * MIB + 1, 9 * MIB},
		{8 * MIB, 9 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct boot_image image;

		read_image(&image, rows[i].kernel, 5);
		assert_int_equal(rows[i].initrd, image.initrd_addr);
		assert_int_equal(rows[i].initrd + 5, boot_image_end(&image));
		assert_int_equal(KERNEL, image.start);
		boot_image_free(&image);
	}
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < 8; i++)
		value = value << 8 | at[i];
	return value;
}

static void test_loaded(void **state)
{
	struct world *w = *state;
	struct boot_image image;
	uint8_t *m = w->vm.memory;

	read_image(&image, SMALLEST, 4097);
	image.initrd_addr = 2 * MIB; /* the world's storage is small */
	w->vm.image = &image;
	memset(m, 0xff, WORLD_MEMORY);
	assert_int_equal(0, ipl_load(&w->vm, false));
	assert_int_equal(0x11, m[SMALLEST - 1]);
	assert_int_equal(0xff, m[SMALLEST]);
	assert_string_equal("one two", (char *)m + COMMAND);
	assert_int_equal(2 * MIB, get64(m + FIELDS));
	assert_int_equal(4097, get64(m + FIELDS + 8));
	assert_int_equal(0x22, m[2 * MIB + 4096]);
	/* the rest of its last page is cleared, no more */
	assert_int_equal(0, m[2 * MIB + 4097]);
	assert_int_equal(0, m[2 * MIB + 8191]);
	assert_int_equal(0xff, m[2 * MIB + 8192]);
	assert_int_equal(KERNEL, w->run.psw_addr);
	assert_int_equal(0x180000000UL, w->run.psw_mask);
	assert_int_equal(VCPU_OPERATING, w->cpu.state);
	/* load clear leaves nothing else */
	assert_int_equal(0, ipl_load(&w->vm, true));
	assert_int_equal(0, m[SMALLEST]);
	assert_int_equal(0, m[WORLD_MEMORY - 1]);
	assert_int_equal(0x22, m[2 * MIB + 4096]);
	boot_image_free(&image);
}

static void test_refused(void **state)
{
	struct boot_image image;
	struct image_error err;
	char kernel[24], initrd[24];

	(void)state;
	make_file(kernel, SMALLEST, 0x11, false);
	make_file(initrd, 1, 0x22, false);
	assert_int_equal(-22, boot_image_read(kernel, NULL, initrd, &image, &err));
	assert_non_null(strstr(err.text, "--initrd cannot be used"));
	assert_int_equal(-22, boot_image_read(kernel, "x", NULL, &image, &err));
	assert_non_null(strstr(err.text, "-p cannot be used"));
	unlink(kernel);
	/* it ends before its first instruction */
	make_file(kernel, KERNEL, 0x11, false);
	assert_int_equal(-22, boot_image_read(kernel, NULL, NULL, &image, &err));
	unlink(kernel);
	unlink(initrd);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_place_of_ramdisk),
		CASE(test_loaded),
		CASE(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
