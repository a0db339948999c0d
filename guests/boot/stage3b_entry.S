/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The encrypted loader is entered wherever its component lies, behind the kernel. As
 * the kernel's final place may reach there, it first moves itself below 0x10000.
 */
#define PGM_NEW_PSW	0x1d0
#define STACK_TOP	0xff60
#define LOAD_ADDR	0xa000

	.section .entry, "ax"
	.globl	_start
_start:
	/* Linked for LOAD_ADDR, running elsewhere. */
	larl	%r4, _start
	larl	%r3, load_end
	sgr	%r3, %r4
	lgr	%r5, %r3
	llilf	%r2, LOAD_ADDR
	larl	%r1, moved
	sgr	%r1, %r4
	agr	%r1, %r2
0:	mvcle	%r2, %r4, 0
	jo	0b
	br	%r1

moved:
	llilf	%r15, STACK_TOP
	larl	%r1, on_program
	mvc	PGM_NEW_PSW(16), 0(%r1)
	larl	%r2, bss_start
	larl	%r3, bss_end
	sgr	%r3, %r2
	slgr	%r5, %r5
	slgr	%r4, %r4
1:	mvcle	%r2, %r4, 0
	jo	1b
	brasl	%r14, stage3b

	.data
	.balign	8
on_program:
	.quad	0x0002000080000000, 0x4609
