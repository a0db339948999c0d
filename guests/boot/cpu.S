/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Service calls, waits and moves. */
#include "service.inc"

	.text

	.globl	service_call
service_call:
	SERVICE_OPEN
	llgfr	%r2, %r2
	.insn	rre, 0xb2200000, %r2, %r3	/* SERVC */
	ipm	%r2
	srl	%r2, 28
	ltr	%r2, %r2
	jnz	2f
0:	/* One interruption more than expected must not be taken for ours. */
	SERVICE_WAIT
woken:	lh	%r0, EXT_CODE
	chi	%r0, SERVICE_SIGNAL
	jne	0b
	llgf	%r0, EXT_SCCB
	nill	%r0, 0xfff8			/* the low bits tell of waiting events */
	cgr	%r0, %r3
	jne	0b
2:	SERVICE_CLOSE
	llgfr	%r2, %r2
	br	%r14

	.globl	stop
stop:
	larl	%r1, wait_disabled
	stg	%r2, 8(%r1)
	lpswe	0(%r1)

	.globl	move_down
move_down:
	lgr	%r5, %r3
3:	mvcle	%r2, %r4, 0
	jo	3b
	br	%r14

	.data
	SERVICE_DATA	woken
wait_disabled:
	.quad	0x0002000080000000, 0
