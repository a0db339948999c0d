/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest of bench/disturbance.c. DIAG 500 asks for the next command, in GR2:
 *
 *   bits 0-7    1: count, 2: touch, 3: tell and forget
 *   bits 8-31   touch: MiB where to begin
 *   bits 32-63  count: rounds of five instructions; touch: pages; tell: bucket
 *
 * Each touch is timed by the TOD clock, and counted in one of 1024 buckets of
 * 1/16 microsecond. The answer to tell is GR2 of the next DIAG.
 */
	.globl	_start
	.text
_start:
	lghi	%r1, 0x11		/* function code the host looks for */
	lghi	%r2, 0
	llilh	%r8, 2			/* buckets */
	lay	%r9, 0x4000(%r8)	/* two clock values; what is counted with */
report:
	diag	%r0, %r0, 0x500
	srlg	%r4, %r2, 56
	llgfr	%r3, %r2
	cghi	%r4, 1
	je	count
	cghi	%r4, 2
	je	touch
	cghi	%r4, 3
	je	tell
	lghi	%r2, 0
	j	report

count:
	lg	%r5, 0(%r9)
	agr	%r5, %r3
	xg	%r5, 8(%r9)
	stg	%r5, 0(%r9)
	brctg	%r3, count
	j	report

touch:
	srlg	%r4, %r2, 32
	nilh	%r4, 0xff
	sllg	%r4, %r4, 20
next:
	stckf	0(%r9)
	stg	%r4, 0(%r4)
	stckf	8(%r9)
	lg	%r5, 8(%r9)
	sg	%r5, 0(%r9)
	srlg	%r5, %r5, 8
	cghi	%r5, 1023
	jle	in_range
	lghi	%r5, 1023
in_range:
	sllg	%r5, %r5, 3
	lg	%r6, 0(%r5,%r8)
	aghi	%r6, 1
	stg	%r6, 0(%r5,%r8)
	aghi	%r4, 0x1000
	brctg	%r3, next
	j	report

tell:
	sllg	%r3, %r3, 3
	lg	%r2, 0(%r3,%r8)
	lghi	%r5, 0
	stg	%r5, 0(%r3,%r8)
	j	report
