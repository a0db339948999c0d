/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of the life-cycle tests: stores to one page after the other, from
 * 1 MiB on, as many as the host says, and reports by DIAG 500 function 0x11.
 * The host answers in GR2 how many pages the next round has (bits 32-63), and
 * how many pages to leave out behind each (bits 0-31).
 */
	.globl	_start
	.text
_start:
	lghi	%r1, 0x11		/* function code the host looks for */
	lghi	%r2, 0
report:
	diag	%r0, %r0, 0x500		/* GR2 in: pages written; out: pages to write */
	llgfr	%r3, %r2
	srlg	%r5, %r2, 32
	aghi	%r5, 1
	sllg	%r5, %r5, 12		/* from one page to the next */
	llilh	%r4, 0x10		/* 1 MiB */
	ltgr	%r3, %r3
	jz	report
next:
	stg	%r4, 0(%r4)
	agr	%r4, %r5
	brctg	%r3, next
	j	report
