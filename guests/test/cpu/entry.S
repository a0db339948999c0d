/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways in that C cannot write: interruptions, and CPUs that are restarted. */
#define EXT_CPU_AND_CODE 0x84
#define EXT_NEW_PSW	 0x1b0
#define FRAME		 160

	.text

	.globl	await_external
await_external:
	aghi	%r15, -64
	stctg	%c0, %c0, 0(%r15)
	lg	%r0, 0(%r15)
	ogr	%r0, %r2
	stg	%r0, 8(%r15)
	lctlg	%c0, %c0, 8(%r15)
	llilh	%r0, 0x8000		/* 64-bit mode, disabled */
	oihl	%r0, 1
	stg	%r0, EXT_NEW_PSW
	larl	%r1, 1f
	stg	%r1, EXT_NEW_PSW + 8
	stg	%r3, 16(%r15)
	larl	%r1, 0f
	stg	%r1, 24(%r15)
	lpswe	16(%r15)
0:	j	0b
1:	lctlg	%c0, %c0, 0(%r15)
	llgf	%r2, EXT_CPU_AND_CODE
	aghi	%r15, 64
	br	%r14

	.globl	secondary_entry
secondary_entry:
	larl	%r1, secondary_first_prefix
	stpx	0(%r1)
	larl	%r1, secondary_prefix
	spx	0(%r1)
	larl	%r1, secondary_stack
	lg	%r15, 0(%r1)
	aghi	%r15, -FRAME
	brasl	%r14, secondary_main
	j	.
