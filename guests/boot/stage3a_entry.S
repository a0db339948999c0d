/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clear loader is entered at 0x11000 through the short PSW at 0, or at 0x10000 by
 * those who take the file for a kernel.
 */
#define PGM_NEW_PSW	0x1d0
#define STACK_TOP	0xff60

	.section .stub, "ax"
	.globl	_start
_start:
	jg	entry

	.section .entry, "ax"
	.globl	entry
entry:
	slr	%r0, %r0
	lhi	%r1, 1
	sigp	%r1, %r0, 0x12		/* set architecture: z/Architecture */
	sam64
	llilf	%r15, STACK_TOP
	larl	%r1, on_program
	mvc	PGM_NEW_PSW(16), 0(%r1)
	larl	%r2, bss_start		/* storage at IPL has any content */
	larl	%r3, bss_end
	sgr	%r3, %r2
	slgr	%r5, %r5
	slgr	%r4, %r4
0:	mvcle	%r2, %r4, 0
	jo	0b
	brasl	%r14, stage3a

	.data
	.balign	8
on_program:
	.quad	0x0002000080000000, 0x4608
