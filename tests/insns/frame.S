/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frame around the instruction under test: see layout.h. */
#include "layout.h"

start:
	llilf	%r13, CTX_AT
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	ld	%f\n, CTX_FPRS + \n * 8(%r13)
	.endr
	lfpc	CTX_FPC(%r13)
	lam	%a2, %a11, CTX_ARS(%r13)
	lg	%r14, CTX_SPM(%r13)
	spm	%r14
	lmg	%r0, %r11, CTX_GPRS(%r13)
	j	mode
	.org	MODE_AT - CODE_AT
mode:
	sam64
insn:
	.skip	16
	.org	TAKEN_AT - CODE_AT
	lghi	%r12, 1
	j	save
	.org	SAVE_AT - CODE_AT
save:
	ipm	%r14
	stg	%r12, CTX_TAKEN(%r13)
	stg	%r14, CTX_OCC(%r13)
	tam
	ipm	%r14
	stg	%r14, CTX_OMODE(%r13)
	sam64
	stmg	%r0, %r11, CTX_OUT(%r13)
	stam	%a2, %a11, CTX_OARS(%r13)
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7
	std	%f\n, CTX_OFPRS + \n * 8(%r13)
	.endr
	stfpc	CTX_OFPC(%r13)
	lg	%r1, CTX_EXIT(%r13)
	br	%r1
	.org	CODE_BYTES
