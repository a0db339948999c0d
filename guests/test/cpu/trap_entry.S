/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way in of a program interruption that a test expects. */
#define PGM_OLD_PSW	 0x150
#define SAVE_GPRS	 0x1280
#define FRAME		 160

	.text

	.globl	trap_program_entry
trap_program_entry:
	stmg	%r0, %r15, SAVE_GPRS
	larl	%r15, trap_stack_end
	aghi	%r15, -FRAME
	brasl	%r14, trap_record
	lmg	%r0, %r15, SAVE_GPRS
	lpswe	PGM_OLD_PSW

	.bss
	.balign	8
	.space	4096
trap_stack_end:
