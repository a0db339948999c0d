/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of the life-cycle tests: stores to one page after the other, from
 * 1 MiB on, as many as the host says, and reports by DIAG 500 function 0x11.
 * The host answers in GR2 how many pages the next round has (bits 32-63), how
 * many pages to leave out behind each (bits 24-31), and how many MiB to leave
 * out before the first (bits 0-23).
 */
	.globl	_start
	.text
_start:
	lghi	%r1, 0x11		/* function code the host looks for */
	lghi	%r2, 0
report:
	diag	%r0, %r0, 0x500		/* GR2 in: pages written; out: pages to write */
	llgfr	%r3, %r2
	srlg	%r4, %r2, 40
	aghi	%r4, 1
	sllg	%r4, %r4, 20		/* 1 MiB, and what is left out */
	srlg	%r5, %r2, 32
	nill	%r5, 0xff
	nilh	%r5, 0
	aghi	%r5, 1
	sllg	%r5, %r5, 12		/* from one page to the next */
	ltgr	%r3, %r3
	jz	report
next:
	stg	%r4, 0(%r4)
	agr	%r4, %r5
	brctg	%r3, next
	j	report
