/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Into the frame of a case and back: it leaves no register but the context's alone. */
#include "layout.h"

	.globl	run_case, run_case_back
	.type	run_case, @function
run_case:
	stmg	%r6, %r15, 48(%r15)
	larl	%r1, stack
	stg	%r15, 0(%r1)
	llilf	%r1, CODE_AT
	br	%r1
run_case_back:
	xr	%r1, %r1
	spm	%r1
	larl	%r1, stack
	lg	%r15, 0(%r1)
	lmg	%r6, %r15, 48(%r15)
	br	%r14
	.size	run_case, . - run_case

	.globl	on_signal_any_mode
	.type	on_signal_any_mode, @function
on_signal_any_mode:
	sam64
	jg	on_signal
	.size	on_signal_any_mode, . - on_signal_any_mode

	.bss
	.balign	8
stack:
	.skip	8
	.section .note.GNU-stack, "", @progbits
