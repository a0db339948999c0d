// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The encrypted loader of an image, the first code of the protected guest. It puts the
 * kernel, its command line and the address of its ramdisk where a kernel expects them.
 */
#include <stdint.h>

#include "cpu.h"
#include "sclp.h"

#define KERNEL_ADDR              0x10000UL /* the file's first 64 KiB are not used */
#define INITRD_START             0x10408UL
#define INITRD_SIZE              0x10410UL
#define COMMAND_LINE_MAX         0x10430UL
#define COMMAND_LINE             0x10480UL
#define COMMAND_LINE_DEFAULT_MAX 896

struct part {
	uint64_t addr;
	uint64_t size;
};

/* Filled in by whoever makes the image. */
struct arguments {
	struct part kernel;
	struct part command_line;
	struct part ramdisk;
	struct psw psw;
};
const volatile struct arguments arguments __attribute__((section(".arguments")));
_Static_assert(sizeof(arguments) == 64, "arguments of stage3b");

_Noreturn static void bad_arguments(const char *text)
{
	sclp_start();
	sclp_print(text);
	stop(STOP_STAGE3B);
}

static void move_kernel(void)
{
	if (arguments.kernel.size < KERNEL_ADDR)
		bad_arguments("The kernel is shorter than 64 KiB\n");
	move_down((void *)KERNEL_ADDR, arguments.kernel.size - KERNEL_ADDR,
		  (const void *)(arguments.kernel.addr + KERNEL_ADDR));
}

static void copy_command_line(void)
{
	const char *from = (const char *)arguments.command_line.addr;
	uint64_t size = arguments.command_line.size, max = *(uint64_t *)COMMAND_LINE_MAX;
	char *to = (char *)COMMAND_LINE;

	if (!size)
		return;
	if (size > (max ? max : COMMAND_LINE_DEFAULT_MAX))
		bad_arguments("The command line is longer than the kernel takes\n");
	if (from[size - 1])
		bad_arguments("The command line has no end\n");
	for (uint64_t i = 0; i < size; i++)
		to[i] = from[i];
}

static void set_ramdisk(void)
{
	if (!arguments.ramdisk.size)
		return;
	*(volatile uint64_t *)INITRD_START = arguments.ramdisk.addr;
	*(volatile uint64_t *)INITRD_SIZE = arguments.ramdisk.size;
}

_Noreturn void stage3b(void);

_Noreturn void stage3b(void)
{
	struct psw psw;

	move_kernel();
	copy_command_line();
	set_ramdisk();
	sclp_stop();
	psw.mask = arguments.psw.mask;
	psw.addr = arguments.psw.addr;
	load_psw(&psw);
}
