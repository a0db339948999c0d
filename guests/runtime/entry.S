/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way in. Laid out as a kernel's first page, so that any loader can start us: "S390EP", the
 * parameter area at 0x10400 with room for a command line of 896 bytes at 0x10480.
 */
#define LOWCORE_GPRS	0x1280	/* register save area */
#define PGM_NEW_PSW	0x1d0
#define FRAME		160

	.section .head, "ax"
	.globl	entry
entry:
	j	startup
	.org	entry + 0x8
	.ascii	"S390EP"

	.org	entry + 0x10
startup:
	sam64
	larl	%r2, bss_start
	larl	%r3, bss_end
	sgr	%r3, %r2
	slgr	%r4, %r4
	slgr	%r5, %r5
0:	mvcle	%r2, %r4, 0
	jo	0b
	larl	%r1, on_program
	mvc	PGM_NEW_PSW(16), 0(%r1)
	larl	%r15, stack_top
	aghi	%r15, -FRAME
	brasl	%r14, guest_main
	brasl	%r14, machine_end

program_check:
	stmg	%r0, %r15, LOWCORE_GPRS
	larl	%r15, trap_stack_top
	aghi	%r15, -FRAME
	brasl	%r14, trap_program

	/* Where a loader leaves initrd address, its size and the command line. */
	.org	entry + 0x400
	.quad	0
	.globl	initrd
initrd:
	.quad	0, 0
	.org	entry + 0x430
	.quad	896
	.org	entry + 0x480
	.globl	command_line
command_line:
	.org	entry + 0x1000

	.data
	.balign	8
on_program:
	.quad	0x0000000180000000, program_check

	.bss
	.balign	8
	.space	4096
trap_stack_top:
	.space	16384
stack_top:
